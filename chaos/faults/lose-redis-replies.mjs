import { setTimeout as sleep } from 'node:timers/promises';

/** What workers ask of Redis is done, and they never hear of it: jobs are fetched by nobody. @type {import('./fault.mjs').Fault} */
export const loseRedisReplies = {
  name: 'lose replies of Redis',
  setUps: ['redis'],
  effect: 'connections that lost an answer',
  run: async ({ redisProxy }) => {
    const before = redisProxy.swallowed();
    redisProxy.swallow();
    await sleep(1_500);
    redisProxy.restore();
    return { backAt: Date.now(), effect: redisProxy.swallowed() - before };
  },
};
