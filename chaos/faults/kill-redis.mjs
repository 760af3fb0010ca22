import { setTimeout as sleep } from 'node:timers/promises';
import { under } from './fault.mjs';
import { countJobs, enoughJobs, fill, withRedis } from './redis-jobs.mjs';

/** SIGKILL, and an empty one after a while; the API starts while there is none. @type {import('./fault.mjs').Fault} */
export const killRedis = {
  name: 'kill Redis, restart it empty',
  setUps: ['redis'],
  handsOverWithinMs: 5_000,
  effect: 'open jobs wiped',
  eachAtLeast: enoughJobs,
  run: async (installation) => {
    const { redis: server, load, api } = installation;
    let struckAt = 0;
    const effect = await withRedis(installation, async (redis) => {
      await fill(installation, redis);
      const count = await countJobs(redis);
      struckAt = Date.now();
      await server.kill();
      return count;
    });
    server.forget();
    await under(load, 'Redis away', 'kept', () => sleep(1_000));
    await under(load, 'API away', 'unreachable', async () => {
      await api.kill();
      await api.start('listening');
    });
    await under(load, 'Redis away', 'kept', () => sleep(1_000));
    await server.start();
    return { struckAt, backAt: Date.now(), effect };
  },
};
