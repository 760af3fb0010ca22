import { countJobs, enoughJobs, fill, withRedis } from './redis-jobs.mjs';

/** FLUSHALL. @type {import('./fault.mjs').Fault} */
export const flushRedis = {
  name: 'FLUSHALL',
  setUps: ['redis'],
  handsOverWithinMs: 5_000,
  effect: 'open jobs wiped',
  eachAtLeast: enoughJobs,
  run: (installation) =>
    withRedis(installation, async (redis) => {
      await fill(installation, redis);
      const struckAt = Date.now();
      const effect = await countJobs(redis, (transaction) => transaction.flushall());
      return { struckAt, backAt: Date.now(), effect };
    }),
};
