import { setTimeout as sleep } from 'node:timers/promises';
import { apart, under } from './fault.mjs';

/** A migration of the busiest table, under way for a while; nobody may be declared dead for that. @type {import('./fault.mjs').Fault} */
export const migrateSchema = {
  name: 'migrate the schema',
  setUps: apart,
  quickSetUps: ['store'],
  effect: '503 meanwhile',
  breaksLeases: true,
  run: async ({ db, load, quick, freeWorkers }) => {
    const victims = freeWorkers.map((place) => place.worker);
    const client = await db.connect();
    const effect = await under(load, 'schema locked', 'unavailable', async () => {
      await client.query('begin');
      await client.query('alter table navette.tasks add column chaos integer');
      await sleep(quick ? 2_500 : 20_000);
      await client.query('commit');
    });
    await client.query('alter table navette.tasks drop column chaos');
    client.release();
    return { backAt: Date.now(), victims, effect };
  },
  problemsOf: ({ struckAt, backAt, victims }, audit) => {
    const lost = audit.countAttempts(victims, 'lost', struckAt, backAt + 10_000);
    return lost > 0 ? [`${lost} attempts were lost of workers that merely had to wait`] : [];
  },
};
