import { QueryTooBroadError, type TaskQuery } from '@navette/domain';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSearchPool } from '../../src/postgres/connections.ts';
import type { PostgresStore } from '../../src/postgres/index.ts';
import { databaseUrl, skipWithoutPostgres } from '../servers.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

describe.skipIf(await skipWithoutPostgres())('searches in PostgreSQL', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  const plans: string[] = [];

  beforeAll(async () => {
    database = await openTestDatabase();
    const searchPool = explainingPool(plans);
    store = database.createStore({ searchPool });
    await fill(database);
    return () => searchPool.end();
  });
  afterAll(() => database?.drop());

  const search = (query: Partial<TaskQuery>) => store.records.search({ limit: 10, ...query });
  const numbersOf = async (query: Partial<TaskQuery>) =>
    (await search(query)).items.map(({ payload }) => (payload as { n: number }).n);
  const minute = (n: number) => new Date(Date.UTC(2026, 0, 1, 0, n));

  // Task n was submitted in minute n and ended in minute n + 1; every tenth failed.
  test('find what ended in a long span of time, and in a short one', async () => {
    expect(await numbersOf({ finishedAfter: minute(101) })).toEqual(
      [20000, 19999, 19998, 19997, 19996].concat([19995, 19994, 19993, 19992, 19991]),
    );
    expect(await numbersOf({ finishedBefore: minute(10_001), limit: 3 })).toEqual([9999, 9998, 9997]);
    expect(await numbersOf({ finishedAfter: minute(501), finishedBefore: minute(503) })).toEqual([501, 500]);
    expect(await numbersOf({ states: ['failed'], finishedBefore: minute(10_001), limit: 2 })).toEqual([9990, 9980]);
    expect(await numbersOf({ states: ['failed'], finishedAfter: minute(502), finishedBefore: minute(531) })).toEqual([
      520, 510,
    ]);
  });

  test.each<[string, Partial<TaskQuery>, RegExp]>([
    ['everything', {}, /Index (Only )?Scan Backward using tasks_ended /],
    ['a state', { states: ['failed'] }, /Index (Only )?Scan Backward using tasks_ended_lanes /],
    ['a queue', { queue: 'q1' }, /Index (Only )?Scan Backward using tasks_ended_lanes /],
    ['open tasks of a type', { states: ['queued'], type: 't1' }, /Index (Only )?Scan Backward using tasks_waiting /],
    ['running tasks of a queue', { states: ['running'], queue: 'q1' }, /Index (Only )?Scan using tasks_running /],
    [
      'a code, passing over what has ended',
      { errorCode: 'handler_error' },
      /Index (Only )?Scan Backward using tasks_by_error [^\n]*\n *Index Cond: [^\n]*finished_at IS NULL/,
    ],
    ['a rare tag', { tag: 'rare', states: ['completed'] }, /Bitmap Index Scan on tasks_ended_by_tag/],
    ['a frequent tag', { tag: 'frequent', states: ['completed'] }, /Index (Only )?Scan Backward using tasks_ended /],
  ])('go along an index for %s', async (_, query, index) => {
    for (const cursor of [undefined, (await search(query)).nextCursor ?? undefined]) {
      plans.length = 0;
      await search({ ...query, cursor });
      expect(plans).toHaveLength(1);
      expect(plans[0]).toMatch(index);
      expect(plans[0]).not.toContain('Seq Scan on tasks');
    }
  });

  test('are refused when they take too long, with advice', async () => {
    const client = await database.pool.connect();
    try {
      await client.query(`begin; lock table ${database.schema}.tasks`);
      const refusal = await search({ tag: 'rare' }).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(QueryTooBroadError);
      expect((refusal as Error).message).toMatch(/submittedAfter/);
    } finally {
      await client.query('rollback');
      client.release();
    }
    expect((await search({ tag: 'rare' })).items).toHaveLength(10);
  });
});

/** A pool for searches that notes the plan of each before it runs. */
function explainingPool(plans: string[]): pg.Pool {
  const pool = createSearchPool(new pg.Pool({ connectionString: databaseUrl }), 1);
  pool.on('connect', (client) => {
    const ask = client.query.bind(client) as (config: pg.QueryConfig) => Promise<pg.QueryResult>;
    client.query = (async (config: pg.QueryConfig) => {
      if (/^\s*select/.test(config.text)) {
        const { rows } = await ask({ ...config, text: `explain (costs off) ${config.text}` });
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      }
      return ask(config);
    }) as typeof client.query;
  });
  return pool;
}

/** 20,000 tasks that have ended, and 1,000 that wait. */
async function fill({ pool, schema }: TestDatabase): Promise<void> {
  await pool.query(`
    insert into ${schema}.tasks
      (id, type, queue, state, priority, payload, max_attempts, backoff, timeout_ms, tags, error_code,
       submitted_at, finished_at, queued_at, dispatched_at)
    select gen_random_uuid(), 't' || n % 4, 'q' || n % 2,
      case when n > 20000 then 'queued' when n % 10 = 0 then 'failed' else 'completed' end,
      2, json_build_object('n', n), 3, '{}', 1000,
      case when n % 400 = 1 then '{rare}'::text[] when n % 2 = 1 then '{frequent}' else '{}' end,
      case when n <= 20000 and n % 10 = 0 then 'handler_error' end,
      at, case when n <= 20000 then at + interval '1 minute' end, at, at
    from (select n, timestamptz '2026-01-01 00:00Z' + n * interval '1 minute' as at from generate_series(1, 21000) n) t`);
  await pool.query(`analyze ${schema}.tasks`);
}
