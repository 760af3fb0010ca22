import { setTimeout as sleep } from 'node:timers/promises';
import { apart } from './fault.mjs';

/** What workers ask of PostgreSQL is done, and they never hear of it. @type {import('./fault.mjs').Fault} */
export const loseReplies = {
  name: 'lose replies of PostgreSQL',
  setUps: apart,
  effect: 'connections that lost an answer',
  breaksLeases: true,
  run: async ({ proxy }) => {
    const before = proxy.swallowed();
    proxy.swallow();
    await sleep(1_500);
    proxy.restore();
    return { backAt: Date.now(), effect: proxy.swallowed() - before };
  },
};
