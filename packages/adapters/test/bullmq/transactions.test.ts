import { createNavette, defineTask } from '@navette/domain';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { jobIdOf } from '../../src/bullmq/queue-job.ts';
import { createMemoryEvents } from '../../src/memory/index.ts';
import { createSignalClient } from '../../src/postgres/connections.ts';
import { createSignals } from '../../src/postgres/signals.ts';
import { createSystem } from '../../src/system/index.ts';
import { eventually } from '../eventually.ts';
import { openTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { skipWithoutPostgres, skipWithoutRedis } from '../servers.ts';
import { openConnectedBroker } from './broker-scene.ts';

const echo = defineTask({ type: 'test.echo', queue: 'echo', payload: z.unknown(), handler: (payload) => payload });

describe.skipIf((await skipWithoutPostgres()) || (await skipWithoutRedis()))('a transaction beside BullMQ', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database?.drop());

  async function open() {
    const { pool, schema: channel } = database;
    const signals = createSignals({ createClient: () => createSignalClient(pool), channel });
    const broker = await openConnectedBroker();
    const navette = createNavette({
      store: database.createStore({ signals }),
      broker,
      events: createMemoryEvents(),
      system: createSystem(),
      tasks: [echo],
    });
    const client = await pool.connect();
    onTestFinished(async () => {
      client.release();
      await navette.close();
      await signals.close();
    });
    const jobs = async () => (await broker.rawQueue('echo').getJobs()).map(({ id }) => id).sort();
    return { navette, client, jobs };
  }

  // No worker runs here, so no steward does: only the commit can have been the cause.
  test('hands its tasks over when it has committed', async () => {
    const { navette, client, jobs } = await open();
    await client.query('begin');
    const tasks = Array.from({ length: 200 }, (_, n) => ({ type: echo, payload: n }));
    const outcomes = await navette.within(client).submitMany(tasks);
    expect(await jobs()).toEqual([]);
    await client.query('commit');
    const ids = outcomes.map(({ task }) => jobIdOf({ taskId: task!.id, dispatch: 1 }));
    await eventually(async () => expect(await jobs()).toEqual(ids.sort()));
  });

  test('hands nothing over when it is rolled back', async () => {
    const { navette, client, jobs } = await open();
    await client.query('begin');
    await navette.within(client).submit(echo, 'lost');
    await client.query('rollback');
    await client.query('begin');
    const { id } = await navette.within(client).submit(echo, 'kept');
    await client.query('commit');
    await eventually(async () => expect(await jobs()).toEqual([jobIdOf({ taskId: id, dispatch: 1 })]));
  });
});
