import { countJobs, enoughJobs, fill, withRedis } from './redis-jobs.mjs';

/** A failover that loses the last moments: Redis comes back as it was a while ago. @type {import('./fault.mjs').Fault} */
export const staleRedis = {
  name: 'set Redis back by a moment',
  setUps: ['redis'],
  handsOverWithinMs: 5_000,
  effect: 'open jobs that it may have forgotten',
  eachAtLeast: enoughJobs,
  run: async (installation) => {
    let struckAt = 0;
    const effect = await withRedis(installation, async (redis) => {
      await redis.save();
      await fill(installation, redis);
      const count = await countJobs(redis);
      struckAt = Date.now();
      await installation.redis.kill();
      return count;
    });
    await installation.redis.start();
    installation.redis.forget();
    return { struckAt, backAt: Date.now(), effect };
  },
};
