import pg from 'pg';
import { describe } from 'vitest';
import { createSignalClient } from '../../src/postgres/connections.ts';
import { createPostgresEvents } from '../../src/postgres/events.ts';
import { createSignals, createSilentSignals } from '../../src/postgres/signals.ts';
import { describeEventsContract } from '../contracts/events-contract.ts';
import { databaseUrl, freshName, skipWithoutPostgres } from '../servers.ts';

describe.skipIf(await skipWithoutPostgres())('PostgreSQL', () => {
  describeEventsContract('postgres', async () => {
    const pool = new pg.Pool({ connectionString: databaseUrl });
    const channel = freshName();
    const sides = [0, 1].map(() => {
      const signals = createSignals({ createClient: () => createSignalClient(pool), channel });
      return { signals, events: createPostgresEvents({ signals }) };
    });
    const [here, elsewhere] = sides.map((side) => side.events);
    if (!here || !elsewhere) throw new Error('two sides were made');
    return {
      events: here,
      elsewhere,
      close: async () => {
        for (const { events, signals } of sides) {
          await events.close();
          await signals.close();
        }
        await pool.end();
      },
    };
  });
});

describeEventsContract('postgres, embedded', async () => {
  const events = createPostgresEvents({ signals: createSilentSignals() });
  return { events, elsewhere: events, close: () => events.close() };
});
