import { countJobs, enoughJobs, fill, withRedis } from './redis-jobs.mjs';

/** FLUSHALL. @type {import('./fault.mjs').Fault} */
export const flushRedis = {
  name: 'FLUSHALL',
  setUps: ['redis'],
  effect: 'open jobs wiped',
  eachAtLeast: enoughJobs,
  run: (installation) =>
    withRedis(installation, async (redis) => {
      await fill(installation, redis);
      const effect = await countJobs(redis, (transaction) => transaction.flushall());
      return { backAt: Date.now(), effect };
    }),
};
