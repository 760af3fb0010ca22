import { setTimeout as sleep } from 'node:timers/promises';
import { apart, under } from './fault.mjs';

/** Stopped in good order, started again. @type {import('./fault.mjs').Fault} */
export const restartPostgres = {
  name: 'restart PostgreSQL',
  setUps: apart,
  effect: '503 meanwhile',
  breaksLeases: true,
  run: async ({ postgres, load }) => {
    const effect = await under(load, 'PostgreSQL away', 'unavailable', async () => {
      await postgres.stop();
      await sleep(2_000);
      await postgres.start();
    });
    return { backAt: Date.now(), effect };
  },
};
