import type { LiveWorker, MovedTask, Upkeep } from '@navette/domain';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database.ts';
import { createPruneOperations } from './prune-operations.ts';
import { createPruneTasks } from './prune-tasks.ts';
import { entersQueue } from './queue-entry.ts';
import { foundBy, statement } from './statement.ts';
import type { StoreParts } from './store-parts.ts';
import { type DispatchRow, dispatchOfRow } from './task-row.ts';

/** SQL: whether a worker's lease is live. */
const isLive = (worker: string) =>
  `exists (select from $schema.workers w where w.id = ${worker} and w.lease_until > now())`;

// A statement does not see what it writes: it answers whether the lease was live before.
const renewText = `
with renewed as (
  insert into $schema.workers (id, name, queues, types, started_at, renewed_at, lease_until)
  values ($1::uuid, $2, $3, $4, now(), now(), now() + $5 * interval '1 ms')
  on conflict (id) do update
    set name = excluded.name, queues = excluded.queues, types = excluded.types,
      renewed_at = excluded.renewed_at, lease_until = excluded.lease_until
)
select b.in_time, t.id, t.attempt, t.cancel_requested_at is not null as cancel_requested
from (select ${isLive('$1::uuid')} as in_time) b
left join $schema.tasks t on t.worker = $1::uuid and t.state = 'running'`;

// Locked by a select of its own, so that what another steward works on is passed over.
const promoteDueText = `
with due as materialized (
  select id from $schema.tasks
  where state in ('scheduled', 'retrying') and run_at <= now()
  order by run_at limit $1
  for update skip locked
)
update $schema.tasks t set ${entersQueue}, version = t.version + 1
from due where ${foundBy('t.id', 'due.id')}
returning t.id, t.state, t.dispatch, t.queue, t.priority`;

const nextDueText = `
select extract(epoch from run_at - now()) * 1000 as ms from $schema.tasks
where state in ('scheduled', 'retrying') order by run_at limit 1`;

/** SQL for the end of a lease that is over now. Rounded down to what the column keeps: up would be later. */
export const endedNow = `date_trunc('milliseconds', now())`;

const lossError = `'worker_lost', 'the worker stopped renewing its lease'`;

const recoverText = `
with judge as materialized (
  select ${isLive('$1::uuid')} as is_live
), lost as materialized (
  select t.id, t.worker, t.attempt, t.started_at,
    case
      when t.cancel_requested_at is not null then 'cancelled'
      when t.spent + 1 >= t.max_attempts then 'failed'
      else 'queued'
    end as next
  from $schema.tasks t where t.state = 'running' and not ${isLive('t.worker')} and (select is_live from judge)
  limit $2
  for update of t skip locked
), recorded as (
  insert into $schema.attempts
    (task_id, number, outcome, worker, started_at, finished_at, error_code, error_message)
  select id, attempt, 'lost', worker, started_at, now(), ${lossError} from lost
), moved as (
  update $schema.tasks t set
    state = l.next,
    spent = t.spent + 1,
    (error_code, error_message) = row(${lossError}),
    finished_at = case when l.next <> 'queued' then now() end,
    cancel_outcome = case when l.next = 'cancelled' then 'acknowledged' end,
    dispatch = case when l.next = 'queued' then t.dispatch + 1 else t.dispatch end,
    dispatched_at = case when l.next = 'queued' then now() else t.dispatched_at end,
    confirmed = false,
    ready_seq = case when l.next = 'queued' then nextval('$schema.ready_seq') else t.ready_seq end,
    queued_at = case when l.next = 'queued' then now() else t.queued_at end,
    worker = null,
    version = t.version + 1
  from lost l where ${foundBy('t.id', 'l.id')}
  returning t.id, t.state, t.dispatch, t.queue, t.priority
)
select j.is_live, m.* from judge j left join moved m on true`;

const expireText = `
with over as materialized (
  select id from $schema.tasks
  where state in ('scheduled', 'queued', 'retrying') and expires_at <= now()
  order by expires_at limit $1
  for update skip locked
)
update $schema.tasks t set state = 'expired', finished_at = now(), version = t.version + 1
from over where ${foundBy('t.id', 'over.id')}
returning t.id, t.state, t.dispatch, t.queue, t.priority`;

type MovedRow = DispatchRow & { readonly state: MovedTask['state'] };

/** A row for each, and one without any where there is none. */
type JudgedRow = { readonly is_live: boolean } & (MovedRow | { readonly id: null });
type RenewedRow = { readonly in_time: boolean } & (
  | { readonly id: string; readonly attempt: number; readonly cancel_requested: boolean }
  | { readonly id: null }
);

/** Makes the role `upkeep`. */
export function createUpkeep({ patient: pool, db, schema, keepKeysMs }: StoreParts): Upkeep {
  const renew = statement(schema, 'renew', renewText);
  const promoteDue = statement(schema, 'promote_due', promoteDueText);
  const nextDue = statement(schema, 'next_due', nextDueText);
  const recover = statement(schema, 'recover', recoverText);
  const expire = statement(schema, 'expire', expireText);
  const pruneTasks = createPruneTasks(pool, schema, keepKeysMs);
  const pruneOperations = createPruneOperations(db, keepKeysMs);
  return {
    renew: async ({ id, name, queues, types }, leaseMs) => {
      const values = [id, name, JSON.stringify(queues), types, leaseMs];
      const rows = await pool.runTwice<RenewedRow>(renew, values);
      return {
        inTime: rows[0]?.in_time === true,
        held: rows
          .filter((row) => row.id !== null)
          .map((row) => ({ taskId: row.id, attempt: row.attempt, cancelRequested: row.cancel_requested })),
      };
    },
    release: async (workerId) => {
      await db
        .updateTable('workers')
        .set({ lease_until: sql<Date>`least(lease_until, ${sql.raw(endedNow)})` })
        .where('id', '=', workerId)
        .execute();
    },
    workers: () => liveWorkers(db),
    promoteDue: async (limit) => {
      const promoted = await pool.run<MovedRow>(promoteDue, [limit]);
      const [next] = await pool.run<{ ms: string }>(nextDue, []);
      return {
        promoted: promoted.map(movedOfRow),
        nextDueInMs: next ? Math.max(0, Math.ceil(Number(next.ms))) : null,
      };
    },
    recoverLost: async (judge, limit) => {
      const rows = await pool.run<JudgedRow>(recover, [judge, limit]);
      if (!rows[0]?.is_live) return undefined;
      return rows.filter((row) => row.id !== null).map(movedOfRow);
    },
    expire: async (limit) => (await pool.run<MovedRow>(expire, [limit])).map(movedOfRow),
    prune: async (limit, olderThanMs) => {
      // First what is rare: of tasks there may be no end.
      const operations = await pruneOperations(limit, olderThanMs);
      const pruned = operations + (await pruneTasks(limit - operations, olderThanMs));
      if (pruned < limit) await forgetWorkers(db, limit, Math.max(olderThanMs, keepKeysMs));
      return pruned;
    },
  };
}

function movedOfRow(row: MovedRow): MovedTask {
  const moved = { taskId: row.id, state: row.state };
  return row.state === 'queued' ? { ...moved, dispatch: dispatchOfRow(row) } : moved;
}

async function liveWorkers(db: Kysely<Database>): Promise<LiveWorker[]> {
  const rows = await db
    .selectFrom('workers')
    .select(['id', 'name', 'queues', 'types', 'started_at', 'renewed_at'])
    .where('lease_until', '>', sql<Date>`now()`)
    .orderBy('started_at')
    .orderBy('id')
    .execute();
  return rows.map(({ started_at: startedAt, renewed_at: renewedAt, ...info }) => ({ ...info, startedAt, renewedAt }));
}

/** What finished before a lease ended is pruned by then: only attempts of tasks that went on for longer lose the name. */
async function forgetWorkers(db: Kysely<Database>, limit: number, endedMs: number): Promise<void> {
  const forgotten = db
    .selectFrom('workers')
    .select('id')
    .where('lease_until', '<=', sql<Date>`now() - ${endedMs} * interval '1 ms'`)
    .limit(limit)
    .forUpdate()
    .skipLocked();
  await db.deleteFrom('workers').where('id', 'in', forgotten).execute();
}
