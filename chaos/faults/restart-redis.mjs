import { countJobs, enoughJobs, fill, withRedis } from './redis-jobs.mjs';

/** Stopped in good order with all it holds, started again. @type {import('./fault.mjs').Fault} */
export const restartRedis = {
  name: 'restart Redis',
  setUps: ['redis'],
  handsOverWithinMs: 5_000,
  effect: 'open jobs kept',
  eachAtLeast: enoughJobs,
  run: async (installation) => {
    const { redis: server } = installation;
    await withRedis(installation, async (redis) => {
      await fill(installation, redis);
      // Told to keep anything at all, it saves when it stops.
      await redis.config('SET', 'save', '3600 1');
    });
    const struckAt = Date.now();
    await server.stop();
    await server.start();
    server.forget();
    const effect = await withRedis(installation, countJobs);
    return { struckAt, backAt: Date.now(), effect };
  },
};
