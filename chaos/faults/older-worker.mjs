import { setTimeout as sleep } from 'node:timers/promises';
import { apart } from './fault.mjs';

/** A worker that does not know most types works beside the others for a while, as in a deploy. @type {import('./fault.mjs').Fault} */
export const olderWorker = {
  name: 'an older worker beside the others',
  setUps: apart,
  effect: 'attempts of the types that it knows',
  run: async (installation) => {
    const { load, quick } = installation;
    const place = installation.workerPlace('older worker', { NAVETTE_QUEUES: 'default:8', NAVETTE_TASKS: '' });
    await place.start('worker running');
    const victims = [place.worker];
    for (let n = 0; n < 15; n++) {
      await Promise.all(Array.from({ length: 5 }, () => load.submit({ type: 'demo.echo', payload: n })));
      await sleep(quick ? 150 : 500);
    }
    await place.stop();
    place.close();
    return { backAt: Date.now(), victims };
  },
  effectOf: ({ victims }, audit) => audit.countAttempts(victims, 'completed', 0),
  problemsOf: ({ victims: [worker] }, audit) => {
    const taken = [...audit.attempts].filter(([, attempts]) => attempts.some((attempt) => attempt.worker === worker));
    const unknown = taken.filter(([id]) => !audit.task(id)?.type.startsWith('demo.'));
    return unknown.length > 0 ? [`it took ${unknown.length} tasks of types that it does not know`] : [];
  },
};
