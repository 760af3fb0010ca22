import { setTimeout as sleep } from 'node:timers/promises';
import { apart, under } from './fault.mjs';

/** SIGSTOP: connections stay, nothing answers. @type {import('./fault.mjs').Fault} */
export const freezePostgres = {
  name: 'freeze PostgreSQL',
  setUps: apart,
  quickSetUps: ['store'],
  effect: '503 meanwhile',
  breaksLeases: true,
  run: async ({ postgres, load, quick }) => {
    const effect = await under(load, 'PostgreSQL frozen', 'unavailable', async () => {
      postgres.freeze();
      await sleep(quick ? 2_000 : 8_000);
    });
    postgres.thaw();
    return { backAt: Date.now(), effect };
  },
};
