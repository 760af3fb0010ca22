import { setTimeout as sleep } from 'node:timers/promises';
import { under } from './fault.mjs';

/** SIGSTOP past the lease of its own worker. @type {import('./fault.mjs').Fault} */
export const freezeStandalone = {
  name: 'freeze the standalone process',
  setUps: ['embedded'],
  effect: 'submissions that got no answer',
  quickSetUps: [],
  run: async ({ api, load }) => {
    const effect = await under(load, 'process frozen', 'hung', async () => {
      api.freeze();
      await sleep(20_000);
    });
    api.thaw();
    return { backAt: Date.now(), effect };
  },
};
