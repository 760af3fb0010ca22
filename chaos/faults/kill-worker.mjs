import { apart } from './fault.mjs';

/** SIGKILL in the middle of attempts. @type {import('./fault.mjs').Fault} */
export const killWorker = {
  name: 'kill a worker',
  setUps: apart,
  effect: 'attempts lost',
  run: async (installation, chance) => {
    const place = await installation.borrowBusyWorker(chance);
    const struckAt = Date.now();
    const victims = [place.worker];
    await place.kill();
    const backAt = Date.now();
    await place.start('worker running');
    place.borrowed = false;
    return { struckAt, backAt, victims };
  },
  effectOf: ({ victims, struckAt }, audit) => audit.countAttempts(victims, 'lost', struckAt),
};
