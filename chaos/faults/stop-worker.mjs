import { apart } from './fault.mjs';

/** SIGTERM and a new process, as a deploy does it; what takes longer than the shutdown time is handed back. @type {import('./fault.mjs').Fault} */
export const stopWorker = {
  name: 'deploy a worker',
  setUps: apart,
  effect: 'attempts handed back',
  run: async (installation, chance) => {
    for (let tries = 1; ; tries++) {
      const place = await installation.borrowBusyWorker(chance);
      const struckAt = Date.now();
      const stopping = place.worker;
      // Unless what it ran took it down while it stopped.
      const victims = (await place.stop()) === 0 ? [stopping] : [];
      const backAt = Date.now();
      await place.start('worker running');
      place.borrowed = false;
      // It may have finished all it had just in time.
      if (tries === 3 || (await installation.hasEnded(victims, 'interrupted', struckAt))) {
        return { struckAt, backAt, victims };
      }
    }
  },
  effectOf: ({ victims, struckAt }, audit) => audit.countAttempts(victims, 'interrupted', struckAt),
  problemsOf: ({ victims, struckAt }, audit) => {
    const lost = audit.countAttempts(victims, 'lost', struckAt);
    return lost > 0 ? [`a worker that stopped in good order lost ${lost} attempts`] : [];
  },
};
