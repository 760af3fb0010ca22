import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PostgresStore } from '../../src/postgres/index.ts';
import { eventually } from '../eventually.ts';
import { databaseUrl, skipWithoutPostgres } from '../servers.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

describe.skipIf(await skipWithoutPostgres())('the count of what has ended', () => {
  let database: TestDatabase;
  let store: PostgresStore;

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database?.drop());
  beforeEach(async () => {
    await database.empty();
    store = database.createStore({ quickMs: 20_000 });
  });
  afterEach(() => store.close());

  const run = (text: string) => database.pool.query(text.replaceAll('$schema', database.schema));
  /** Tasks that ended some minutes ago; their ids. */
  const addEnded = async (count: number, state = 'completed'): Promise<string[]> => {
    const { rows } = await run(`
      insert into $schema.tasks
        (id, type, queue, state, priority, payload, max_attempts, backoff, timeout_ms, tags, submitted_at, finished_at, dispatched_at)
      select gen_random_uuid(), 't', 'q', '${state}', 2, '{}', 3, '{}', 1000, '{}', at, at, at
      from (select n, now() - interval '5 minutes' + n * interval '1 ms' as at from generate_series(1, ${count}) n) t
      returning id`);
    return rows.map(({ id }) => id);
  };
  const sums = async () => {
    const { rows } = await run('select state, sum(tasks)::integer as tasks from $schema.tallies group by 1 order by 1');
    return Object.fromEntries(rows.map(({ state, tasks }) => [state, tasks]));
  };
  const counts = async () => (await store.records.queues())[0]?.counts;

  test('goes on from where it has come, and leaves what may still be committed', async () => {
    await addEnded(10);
    await run(`update $schema.tasks set finished_at = now() where id = (select id from $schema.tasks limit 1)`);
    expect(await store.tally?.(4)).toBe(4);
    expect(await sums()).toEqual({ completed: 4 });
    expect(await store.tally?.(100)).toBe(5);
    expect(await store.tally?.(100)).toBe(0);
    expect(await sums()).toEqual({ completed: 9 });
    expect(await counts()).toMatchObject({ completed: 10 });
  });

  test('counts those that ended in one moment together', async () => {
    await addEnded(6);
    await run(`update $schema.tasks set finished_at = now() - interval '3 minutes'`);
    expect(await store.tally?.(2)).toBe(6);
    expect(await counts()).toMatchObject({ completed: 6 });
  });

  test('waits for a transaction that is under way, but not for ever', async () => {
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      await run('select 1');
      await addEnded(3);
      await run(`update $schema.tasks set finished_at = now() + interval '1 ms'`);
      expect(await store.tally?.(100)).toBe(0);
      await run(`update $schema.tasks set finished_at = now() - interval '61 seconds'`);
      expect(await store.tally?.(100)).toBe(3);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  test('is true while others count, retry and prune', async () => {
    const ids = await addEnded(600, 'failed');
    const retried = ids.filter((_, n) => n % 3 === 0);
    const countAll = async () => {
      for (let n = 0; n < 60; n++) await store.tally?.(10);
    };
    await Promise.all([
      countAll(),
      countAll(),
      ...retried.map((id) => store.control.retry(id)),
      ...Array.from({ length: 10 }, () => store.upkeep.prune(10, 0)),
    ]);
    const { rows } = await run(`select count(*)::integer as failed from $schema.tasks where state = 'failed'`);
    expect(await counts()).toMatchObject({ failed: rows[0]?.failed });
    expect(rows[0]?.failed).toBeLessThan(400);
    while ((await store.tally?.(100)) ?? 0);
    expect(await sums()).toEqual({ failed: rows[0]?.failed });
  });

  test('stays small where tasks are only taken away', async () => {
    await addEnded(5);
    await store.tally?.(100);
    await run(`insert into $schema.tallies select 'q', 'completed', 0 from generate_series(1, 600)`);
    await store.tally?.(100);
    expect((await run('select from $schema.tallies')).rowCount).toBe(1);
    expect(await counts()).toMatchObject({ completed: 5 });
  });

  test('is compared with what is there now and then', async () => {
    await addEnded(5);
    await store.tally?.(100);
    await run('delete from $schema.tasks where id in (select id from $schema.tasks limit 2)');
    await store.tally?.(100);
    expect(await counts()).toMatchObject({ completed: 5 });
    await run(`update $schema.tally_marks set checked_at = now() - interval '1 hour'`);
    await Promise.all([store.recount?.(), store.recount?.(), store.recount?.()]);
    expect(await counts()).toMatchObject({ completed: 3 });
  });

  test('gives that comparison up when the store closes', async () => {
    const { pool, schema, createStore } = database;
    const blocker = await pool.connect();
    const rarePool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
    const closing = createStore({ pool: rarePool });
    try {
      await run(`update $schema.tally_marks set checked_at = now() - interval '1 hour'`);
      await blocker.query(`begin; lock table ${schema}.tasks in access exclusive mode`);
      const comparing = closing.recount?.();
      await eventually(async () => {
        const { rowCount } = await run(
          `select from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'insert into $schema.tallies'`,
        );
        expect(rowCount).toBe(1);
      });
      await closing.close();
      await comparing;
      await rarePool.end();
    } finally {
      await blocker.query('rollback');
      blocker.release();
    }
  });
});
