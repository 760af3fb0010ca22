import { setTimeout as sleep } from 'node:timers/promises';

const killsInARow = 3;

/** SIGKILL for the one process there is, database and all; again while it starts, or soon after. @type {import('./fault.mjs').Fault} */
export const killStandalone = {
  name: 'kill the standalone process',
  setUps: ['embedded'],
  effect: 'attempts lost',
  run: async ({ api, load }, chance) => {
    await load.submit({ type: 'chaos.work', payload: { ms: 4_000 }, priority: 'critical' });
    const victims = [];
    for (let kills = 0; kills < killsInARow; kills++) {
      await sleep(chance.between(100, 2_500));
      victims.push(api.worker);
      await api.kill();
      if (kills < killsInARow - 1) void api.start('worker running');
    }
    const backAt = Date.now();
    await api.start('worker running');
    return { backAt, victims };
  },
  effectOf: ({ victims, struckAt }, audit) => audit.countAttempts(victims, 'lost', struckAt),
};
