import { setTimeout as sleep } from 'node:timers/promises';
import { apart, under } from './fault.mjs';

/** SIGKILL in the middle of submissions. @type {import('./fault.mjs').Fault} */
export const killApi = {
  name: 'kill the API',
  setUps: apart,
  effect: 'submissions that got no answer',
  run: async ({ api, load }) => {
    let backAt = 0;
    const effect = await under(load, 'API away', 'unreachable', async () => {
      await api.kill();
      await sleep(500);
      backAt = Date.now();
      await api.start('listening');
    });
    return { backAt, effect };
  },
};
