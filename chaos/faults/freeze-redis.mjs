import { setTimeout as sleep } from 'node:timers/promises';
import { under } from './fault.mjs';

/** SIGSTOP: submissions must not notice. @type {import('./fault.mjs').Fault} */
export const freezeRedis = {
  name: 'freeze Redis',
  setUps: ['redis'],
  handsOverWithinMs: 5_000,
  effect: 'submissions kept meanwhile',
  run: async ({ redis, load, quick }) => {
    const effect = await under(load, 'Redis frozen', 'kept', async () => {
      redis.freeze();
      await sleep(quick ? 2_000 : 8_000);
    });
    redis.thaw();
    return { backAt: Date.now(), effect };
  },
};
