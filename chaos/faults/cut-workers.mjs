import { setTimeout as sleep } from 'node:timers/promises';
import { apart } from './fault.mjs';

/** All workers lose PostgreSQL while it lives; nobody may be declared dead for that. @type {import('./fault.mjs').Fault} */
export const cutWorkers = {
  name: 'cut all workers from PostgreSQL',
  setUps: apart,
  effect: 'renewals and settlements that failed',
  breaksLeases: true,
  run: async (installation) => {
    const failed = () =>
      sumOf(installation.workers, ['could not renew the lease, trying again', 'could not settle, trying again']);
    const before = failed();
    const victims = installation.freeWorkers.map((place) => place.worker);
    installation.proxy.cut();
    await sleep(installation.quick ? 2_500 : 60_000);
    installation.proxy.restore();
    return { backAt: Date.now(), victims, effect: failed() - before };
  },
  problemsOf: ({ struckAt, backAt, victims }, audit) => {
    const lost = audit.countAttempts(victims, 'lost', struckAt, backAt + 10_000);
    return lost > 0 ? [`${lost} attempts were lost of workers that merely could not reach PostgreSQL`] : [];
  },
};

function sumOf(places, messages) {
  return places.reduce((sum, place) => sum + messages.reduce((own, message) => own + place.logged(message), 0), 0);
}
