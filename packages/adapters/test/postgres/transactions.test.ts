import { type ClaimedAttempt, createNavette, defineTask, type Navette, type TaskEvent } from '@navette/domain';
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createPostgresBroker } from '../../src/postgres/broker.ts';
import { createSignalClient } from '../../src/postgres/connections.ts';
import { createPostgresEvents } from '../../src/postgres/events.ts';
import type { PostgresStore } from '../../src/postgres/index.ts';
import { createSignals, type Signals } from '../../src/postgres/signals.ts';
import { createSystem } from '../../src/system/index.ts';
import { newId } from '../contracts/store-scene.ts';
import { eventually } from '../eventually.ts';
import { databaseUrl, skipWithoutPostgres } from '../servers.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

const echo = defineTask({ type: 'test.echo', queue: 'echo', payload: z.unknown(), handler: (payload) => payload });

describe.skipIf(await skipWithoutPostgres())("somebody's transaction in PostgreSQL", () => {
  let database: TestDatabase;
  let signals: Signals;
  let store: PostgresStore;
  let navette: Navette;
  let user: pg.Pool;

  const openSignals = () => {
    const { pool, schema: channel } = database;
    return createSignals({ createClient: () => createSignalClient(pool), channel });
  };

  beforeAll(async () => {
    database = await openTestDatabase();
    user = new pg.Pool({ connectionString: databaseUrl, max: 4, options: '-c search_path=pg_catalog' });
  });
  afterAll(async () => {
    await user?.end();
    await database?.drop();
  });
  beforeEach(async () => {
    await database.empty();
    signals = openSignals();
    store = database.createStore({ signals, quickMs: 15_000 });
    const broker = createPostgresBroker({ store, signals });
    const events = createPostgresEvents({ signals });
    navette = createNavette({ store, broker, events, system: createSystem(), tasks: [echo] });
    onTestFinished(async () => {
      await navette.close();
      await signals.close();
    });
  });

  const begin = async (isolation = 'read committed') => {
    const client = await user.connect();
    onTestFinished(() => client.release());
    await client.query(`begin isolation level ${isolation}`);
    return client;
  };
  const kysely = () => new Kysely<unknown>({ dialect: new PostgresDialect({ pool: user }) });
  const stored = async () => (await navette.search({})).items.map(({ payload }) => payload);

  test('takes tasks of a bare pg client, which nobody sees before it commits', async () => {
    const client = await begin();
    const task = await navette.within(client).submit(echo, { a: 1 }, { idempotencyKey: 'k' });
    expect(await stored()).toEqual([]);
    await client.query('commit');
    expect(await navette.get(task.id)).toEqual({ ...task, attempts: [] });
  });

  test('takes tasks of Kysely, whatever its plugins do to names', async () => {
    const plugged = kysely().withPlugin(new CamelCasePlugin());
    const task = await plugged.transaction().execute((trx) => navette.within(trx).submit(echo, { snake_case: 1 }));
    expect(await navette.get(task.id)).toEqual({ ...task, attempts: [] });
    const failure = new Error('no');
    const failed = plugged.transaction().execute(async (trx) => {
      await navette.within(trx).submitMany([{ type: echo, payload: 1 }]);
      throw failure;
    });
    await expect(failed).rejects.toBe(failure);
    expect(await stored()).toEqual([{ snake_case: 1 }]);
  });

  test('gives what was read as it is, whatever type parsers the connection has', async () => {
    const types = { getTypeParser: () => (value: string) => `parsed otherwise: ${value}` };
    const client = new pg.Client({ connectionString: databaseUrl, types: types as unknown as pg.CustomTypesConfig });
    await client.connect();
    await client.query('begin');
    // The column that it reads is a text, which is what comes over the wire.
    await expect(navette.within(client).submit(echo, 1)).rejects.toThrow(SyntaxError);
    await client.query('rollback');
    types.getTypeParser = ((oid: number) => (value: string) => (oid === 25 ? value : null)) as never;
    await client.query('begin');
    const task = await navette.within(client).submit(echo, 1, { delayMs: 60_000 });
    await client.query('commit');
    await client.end();
    expect(await navette.get(task.id)).toEqual({ ...task, attempts: [] });
  });

  test('is refused where there is none', async () => {
    const client = await user.connect();
    onTestFinished(() => client.release());
    for (const other of [user, client, kysely(), new pg.Client(), null as unknown as object]) {
      expect(() => navette.within(other)).toThrow(TypeError);
    }
  });

  test('says with its own errors what is wrong with it', async () => {
    const client = await begin();
    await expect(client.query('select no_such_column')).rejects.toThrow();
    await expect(navette.within(client).submit(echo, 1)).rejects.toMatchObject({ code: '25P02' });
    await client.query('rollback');
  });

  test('is not touched by a task that is refused', async () => {
    const client = await begin();
    await expect(navette.within(client).submit(echo, '\u0000')).rejects.toMatchObject({ code: 'invalid_payload' });
    const many = navette.within(client).submitMany(
      [
        { type: echo, payload: 1 },
        { type: echo, payload: 1, timeoutMs: 0 },
      ],
      {
        atomic: true,
      },
    );
    await expect(many).rejects.toMatchObject({ code: 'batch_rejected', refusals: [{ index: 1 }] });
    await navette.within(client).submit(echo, 2);
    await client.query('commit');
    expect(await stored()).toEqual([2]);
  });

  test('makes others wait who submit with the same key, and gives them its task', async () => {
    const client = await begin();
    const task = await navette.within(client).submit(echo, 1, { idempotencyKey: 'k' });
    const others = [1, 2].map((payload) =>
      navette.submitMany([
        { type: echo, payload, idempotencyKey: 'k' },
        { type: echo, payload },
      ]),
    );
    const beside = navette.submit(echo, 'beside');
    await beside;
    await client.query('commit');
    const [same, another] = await Promise.all(others);
    expect(same).toMatchObject([{ task: { id: task.id }, replayed: true }, { replayed: false }]);
    expect(another).toMatchObject([{ error: { code: 'idempotency_key_reused' } }, { replayed: false }]);
  });

  test('sees a key that was committed while it waited for it', async () => {
    const [first, second] = [await begin(), await begin()];
    const task = await navette.within(first).submit(echo, 1, { idempotencyKey: 'k' });
    const waiting = navette.within(second).submit(echo, 1, { idempotencyKey: 'k' });
    await first.query('commit');
    expect((await waiting).id).toBe(task.id);
    await second.query('commit');
    expect(await stored()).toEqual([1]);
  });

  test('has to be tried again where its isolation forbids to see such a key', async () => {
    const client = await begin('repeatable read');
    await client.query('select 1');
    await navette.submit(echo, 1, { idempotencyKey: 'k' });
    await expect(navette.within(client).submit(echo, 1, { idempotencyKey: 'k' })).rejects.toMatchObject({
      code: '40001',
    });
    await client.query('rollback');
  });

  test('counts delays from the submission, however long it has been open', async () => {
    const client = await begin();
    await client.query('select pg_sleep(0.05)');
    const { rows } = await client.query<{ at: Date }>('select statement_timestamp() as at');
    const task = await navette.within(client).submit(echo, 1, { delayMs: 60_000 });
    await client.query('commit');
    expect(task.submittedAt.getTime()).toBeGreaterThanOrEqual(rows[0]!.at.getTime() - 1);
    expect(task.runAt!.getTime() - task.submittedAt.getTime()).toBe(60_000);
  });

  test('wakes the workers of other processes by its commit', async () => {
    const elsewhere = openSignals();
    // A clock that stands still: nothing is found by looking now and then.
    const system = { after: () => () => {}, random: () => 0 };
    const broker = createPostgresBroker({ store, signals: elsewhere, system });
    const claimed: ClaimedAttempt[] = [];
    broker.consume({
      worker: newId(),
      queue: 'echo',
      concurrency: 5,
      types: ['test.echo'],
      claim: store.attempts.claim,
      mayClaim: () => true,
      handle: async (attempt) => void claimed.push(attempt),
      onError: () => {},
    });
    const heard: TaskEvent[] = [];
    const events = createPostgresEvents({ signals: elsewhere });
    await events.subscribe(undefined, (event) => heard.push(event));
    const client = await begin();
    const task = await navette.within(client).submit(echo, 1);
    const later = await navette.within(client).submit(echo, 2, { delayMs: 60_000 });
    await client.query('commit');
    await eventually(() => expect(claimed).toMatchObject([{ taskId: task.id }]));
    await eventually(() => expect(heard).toContainEqual({ kind: 'state', taskId: later.id, state: 'scheduled' }));
    await broker.close();
    await elsewhere.close();
  });
});
