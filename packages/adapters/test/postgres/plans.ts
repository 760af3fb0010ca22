import type { NewTask } from '@navette/domain';
import type pg from 'pg';
import { expect, test } from 'vitest';
import { createPostgresStore } from '../../src/postgres/store.ts';
import { newId, newTask } from '../contracts/store-scene.ts';

/** A database whose plans are looked at: one connection per hot pool, so that its prepared statements can be read. */
export interface PlannedDatabase {
  readonly pool: pg.Pool;
  readonly schema: string;
  readonly embedded: boolean;
  /** Makes a pool of one connection that has planned nothing yet. */
  createHotPool(): pg.Pool;
}

// What each statement may read of the tables, and how.
const expected: Readonly<Record<string, readonly string[]>> = {
  insert: [],
  insert_any: [],
  key_winners: ['idempotency_keys_pkey', 'tasks_pkey'],
  claim: ['tasks_pkey'],
  claim_refused: ['tasks_pkey', 'workers_pkey'],
  dequeue: ['tasks_ready', 'tasks_pkey'],
  complete: ['tasks_pkey'],
  settle: ['tasks_pkey'],
  settled_before: ['attempts_pkey', 'tasks_pkey'],
  progress: ['tasks_pkey'],
  log: ['tasks_pkey', 'task_logs_pkey'],
  read_tasks: ['tasks_pkey', 'attempts_pkey', 'workers_pkey'],
  read_tasks_with_log: ['tasks_pkey', 'attempts_pkey', 'task_logs_pkey', 'workers_pkey'],
  standings: ['tasks_pkey', 'task_logs_pkey'],
  summaries: ['tasks_pkey'],
  renew: ['tasks_running'],
  promote_due: ['tasks_due', 'tasks_pkey'],
  next_due: ['tasks_due'],
  recover: ['tasks_running', 'tasks_pkey'],
  expire: ['tasks_expiring', 'tasks_pkey'],
  prune: ['tasks_finished'],
  unconfirmed: ['tasks_unconfirmed'],
  confirm: ['tasks_pkey'],
  redispatch: ['tasks_pkey'],
  queued: ['tasks_ready'],
  queue_summaries: ['tasks_finished', 'tasks_waiting', 'tasks_running', 'tasks_ready'],
  retry: ['tasks_pkey'],
  cancel: ['tasks_pkey'],
  promote: ['tasks_pkey'],
  operation_due: ['operations_running'],
};

/** A scan of all entries of an index that is to find rows by their keys. */
const wholeIndex = /Scan.* using (?!queues_)\w+_pkey on [^\n]*\n(?! *Index Cond)/;

/** The hot statements go by indexes on empty, small and large tables, whether their statistics are old or new. */
export function describePlans(open: () => PlannedDatabase): void {
  test('go by indexes on an empty table', () => checkPlans(open()));

  // Where a row is estimated to be all there is, reading all looks as cheap as finding one: and the plan stays.
  test.each([1, 10, 300])('go by indexes on %i rows that were analysed', async (rows) => {
    const { pool, schema } = open();
    const tables = `${schema}.tasks, ${schema}.attempts`;
    await fill(open(), rows);
    await pool.query(`vacuum (analyze) ${tables}`);
    await checkPlans(open());
    await pool.query(`truncate ${tables}`);
    await pool.query(`vacuum (analyze) ${tables}`);
  });

  test('go by indexes on a table that was emptied, and analysed', () => checkPlans(open()));

  test('go by indexes on a large table that was not analysed', async () => {
    await fill(open(), 50_000);
    await checkPlans(open());
  });

  test('go by indexes on a large table that was analysed', async () => {
    const { pool, schema } = open();
    await pool.query(`analyze ${schema}.tasks`);
    await checkPlans(open());
  });
}

/** Uses a store so that it prepares its statements, then asks for their plans on the same connection. */
async function checkPlans(database: PlannedDatabase): Promise<void> {
  const hotPool = database.createHotPool();
  try {
    await useEveryStatement(database, hotPool);
    const client = await hotPool.connect();
    try {
      const plans = await readPlans(client, database.schema);
      for (const [name, indexes] of Object.entries(expected)) {
        const plan = plans.get(name);
        expect(plan, `${name} was not prepared`).toBeDefined();
        expect(plan, name).not.toMatch(/Seq Scan on (?!tallies|queues)|Bitmap|Hash Join|Merge Join/);
        expect(plan, name).not.toMatch(wholeIndex);
        for (const index of indexes) expect(plan, name).toMatch(new RegExp(`Index (Only )?Scan.* using ${index} `));
      }
    } finally {
      client.release();
    }
  } finally {
    await hotPool.end();
  }
}

async function readPlans(client: pg.PoolClient, schema: string): Promise<Map<string, string>> {
  const plans = new Map<string, string>();
  for (const name of Object.keys(expected)) {
    // By its comment: an embedded database gives the statements of its clients other names.
    const { rows } = await client.query<{ name: string; types: string[] }>(
      `select name, parameter_types::text[] as types from pg_prepared_statements
       where starts_with(statement, $1) order by prepare_time desc limit 1`,
      [`-- ${schema}.${name}\n`],
    );
    for (const prepared of rows) {
      const values = prepared.types.map((type) => `null::${type}`);
      const { rows: lines } = await client.query<{ 'QUERY PLAN': string }>(
        `explain execute "${prepared.name}"${values.length > 0 ? `(${values.join(', ')})` : ''}`,
      );
      plans.set(name, lines.map((line) => line['QUERY PLAN']).join('\n'));
    }
  }
  return plans;
}

async function useEveryStatement({ pool, schema, embedded }: PlannedDatabase, hotPool: pg.Pool): Promise<void> {
  const store = createPostgresStore({ pool, hotPool, searchPool: pool, schema, embedded });
  const claimant = { worker: newId(), types: ['contract.task'] };
  const add = async (given: Partial<NewTask> = {}) => {
    const task = newTask({ queue: 'plans', ...given });
    await store.records.insert([task]);
    return task.id;
  };
  const idempotency = { scope: 'plans', key: newId(), fingerprint: '' };
  await store.records.insert([0, 1].map(() => newTask({ queue: 'plans', idempotency })));
  const ref = { taskId: await add(), attempt: 1, worker: claimant.worker };
  await store.attempts.claim(claimant, ref.taskId, 1);
  await store.attempts.claim(claimant, ref.taskId, 2);
  await store.attempts.progress(ref, 1);
  await store.attempts.log(ref, ['line']);
  await store.attempts.settle(ref, { outcome: 'completed', result: null });
  await store.attempts.settle(ref, { outcome: 'interrupted' });
  await store.records.get(ref.taskId);
  await store.feed.standing(ref.taskId);
  await store.feed.taskWithLog(ref.taskId);
  await store.feed.summaries([ref.taskId]);
  await add();
  await store.dequeue(claimant, 'plans', 1);
  await store.upkeep.renew({ id: claimant.worker, name: 'plans', queues: {}, types: [] }, 1);
  await store.upkeep.promoteDue(1);
  await store.upkeep.recoverLost(claimant.worker, 1);
  await store.upkeep.expire(1);
  await store.upkeep.prune(1, 1_000_000);
  await store.ledger.unconfirmed(0, 1);
  const dispatches = [{ taskId: ref.taskId, dispatch: 1, queue: 'plans', priority: 'normal' as const }];
  await store.ledger.confirm(dispatches);
  await store.ledger.redispatch(dispatches);
  await store.ledger.queued(null, 1);
  await store.records.queues();
  await store.control.retry(ref.taskId);
  await store.control.cancel(ref.taskId);
  await store.control.promote(ref.taskId);
  await store.operations.advance(1);
  await store.close();
}

/** So many tasks, of which a fifth waits. */
async function fill({ pool, schema }: PlannedDatabase, rows: number): Promise<void> {
  await pool.query(`
    insert into ${schema}.tasks
      (id, type, queue, state, priority, ready_seq, payload, max_attempts, backoff, timeout_ms, tags,
       submitted_at, finished_at, queued_at, dispatched_at)
    select gen_random_uuid(), 'contract.task', 'queue' || i % 3, case when i % 5 = 0 then 'queued' else 'completed' end,
      2, i, '{}', 3, '{}', 1000, '{}', now(), case when i % 5 > 0 then now() end, now(), now()
    from generate_series(1, ${rows}) i`);
  await pool.query(`
    insert into ${schema}.attempts (task_id, number, outcome, worker, started_at, finished_at)
    select id, 1, 'completed', gen_random_uuid(), now(), now() from ${schema}.tasks where state = 'completed'
    on conflict do nothing`);
}
