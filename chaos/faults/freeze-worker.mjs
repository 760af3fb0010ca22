import { apart, takenOverWithinMs } from './fault.mjs';

/** SIGSTOP until others have taken over, then SIGCONT: what it settles late is refused. @type {import('./fault.mjs').Fault} */
export const freezeWorker = {
  name: 'freeze a worker past its lease',
  setUps: apart,
  effect: 'attempts taken over',
  background: true,
  run: async (installation, chance) => {
    const place = await installation.borrowBusyWorker(chance);
    const struckAt = Date.now();
    const victims = [place.worker];
    place.freeze();
    const isLost = () => installation.hasEnded(victims, 'lost', struckAt);
    await installation.until('its attempts are taken over', isLost, takenOverWithinMs);
    place.thaw();
    place.borrowed = false;
    return { struckAt, backAt: Date.now(), victims };
  },
  effectOf: ({ victims, struckAt }, audit) => audit.countAttempts(victims, 'lost', struckAt),
};
