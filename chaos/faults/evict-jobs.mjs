import { setTimeout as sleep } from 'node:timers/promises';
import { countJobs, enoughJobs, fill, keyOf, withRedis } from './redis-jobs.mjs';

/** Longer than a hand-over goes unconfirmed: from here on only the sweep looks after it, ms. */
const confirmedAfterMs = 7_500;

/** Redis loses jobs that are long known to be there, and no sign of it: as an eviction does. @type {import('./fault.mjs').Fault} */
export const evictJobs = {
  name: 'lose jobs without a sign',
  setUps: ['redis'],
  handsOverWithinMs: 15_000,
  effect: 'open jobs lost',
  eachAtLeast: enoughJobs,
  run: async (installation) => {
    const { load } = installation;
    await load.control('/queues/default/pause');
    let struckAt = 0;
    const effect = await withRedis(installation, async (redis) => {
      await fill(installation, redis);
      await sleep(confirmedAfterMs);
      struckAt = Date.now();
      return countJobs(redis, (transaction) => transaction.del(keyOf('prioritized')));
    });
    await load.control('/queues/default/resume');
    return { struckAt, backAt: Date.now(), effect };
  },
};
