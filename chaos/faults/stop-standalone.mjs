import { setTimeout as sleep } from 'node:timers/promises';

/** SIGTERM and a new process. @type {import('./fault.mjs').Fault} */
export const stopStandalone = {
  name: 'restart the standalone process',
  setUps: ['embedded'],
  effect: 'attempts handed back',
  run: async ({ api, load }) => {
    await load.submit({ type: 'chaos.work', payload: { ms: 4_000 }, priority: 'critical' }, `long-${Date.now()}`);
    await sleep(300);
    const victims = [api.worker];
    await api.stop();
    const backAt = Date.now();
    await api.start('worker running');
    return { backAt, victims };
  },
  effectOf: ({ victims, struckAt }, audit) => audit.countAttempts(victims, 'interrupted', struckAt),
};
