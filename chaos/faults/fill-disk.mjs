import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { apart, under } from './fault.mjs';

const bulky = () => ({ type: 'demo.echo', payload: randomBytes(100_000).toString('base64'), priority: 'low' });

/** No room is left where PostgreSQL keeps its tables. @type {import('./fault.mjs').Fault} */
export const fillDisk = {
  name: 'fill the disk of PostgreSQL',
  setUps: apart,
  quickSetUps: ['store'],
  isPossible: ({ postgres }) => postgres.disk !== undefined,
  effect: '503 meanwhile',
  breaksLeases: true,
  run: async ({ postgres, load }) => {
    const circumstance = 'disk of PostgreSQL full';
    const effect = await under(load, circumstance, 'unavailable', async () => {
      const before = load.answers.get(circumstance)?.unavailable ?? 0;
      postgres.disk.fill();
      // Until the room within the tables is used up as well.
      for (let tries = 0; tries < 50 && (load.answers.get(circumstance)?.unavailable ?? 0) === before; tries++) {
        await Promise.all(Array.from({ length: 5 }, () => load.submit(bulky())));
      }
      await sleep(2_000);
    });
    postgres.disk.free();
    return { backAt: Date.now(), effect };
  },
};
