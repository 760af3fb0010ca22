import type { Dispatch, DispatchLedger } from '@navette/domain';
import { readCursor, writeCursor } from './cursor.ts';
import { foundBy, statement } from './statement.ts';
import type { StoreParts } from './store-parts.ts';
import { type DispatchRow, dispatchOfRow } from './task-row.ts';

const unconfirmedText = `
select id, dispatch, queue, priority from $schema.tasks
where state = 'queued' and not confirmed and dispatched_at <= now() - $1 * interval '1 ms'
order by priority, ready_seq limit $2`;

const asked = `json_to_recordset($1) as a("taskId" uuid, dispatch integer)`;
const isPresent = `${foundBy('t.id', 'a."taskId"')} and t.dispatch = a.dispatch and (t.state || '') = 'queued'`;

const confirmText = `
update $schema.tasks t set confirmed = true from ${asked} where ${isPresent} and not t.confirmed`;

const redispatchText = `
update $schema.tasks t set
  dispatch = t.dispatch + 1, dispatched_at = now(), confirmed = false, version = t.version + 1
from ${asked} where ${isPresent}
returning t.id, t.dispatch, t.queue, t.priority`;

// A page of each queue, merged: the index holds them in order only within a queue. The names of the queues are found by
// jumping from one to the next.
const queuedText = `
with recursive names(queue) as (
  (select queue from $schema.tasks where state = 'queued' order by queue limit 1)
  union all
  select (
    select t.queue from $schema.tasks t where t.state = 'queued' and t.queue > n.queue order by t.queue limit 1
  )
  from names n where n.queue is not null
)
select t.id, t.dispatch, t.queue, t.priority, t.ready_seq
from names n cross join lateral (
  select id, dispatch, queue, priority, ready_seq from $schema.tasks
  where state = 'queued' and queue = n.queue and (priority, ready_seq) > ($1::smallint, $2::bigint)
  order by priority, ready_seq limit $3
) t
order by t.priority, t.ready_seq limit $3`;

type Place = readonly [rank: number, readySeq: string];

/** Makes the role `ledger`. */
export function createDispatchLedger({ patient: pool, db, schema }: StoreParts): DispatchLedger {
  const unconfirmed = statement(schema, 'unconfirmed', unconfirmedText);
  const confirm = statement(schema, 'confirm', confirmText);
  const redispatch = statement(schema, 'redispatch', redispatchText);
  const queued = statement(schema, 'queued', queuedText);
  return {
    unconfirmed: async (olderThanMs, limit) =>
      (await pool.run<DispatchRow>(unconfirmed, [olderThanMs, limit])).map(dispatchOfRow),
    confirm: async (dispatches) => {
      await pool.run(confirm, [inOrderOfIds(dispatches)]);
    },
    redispatch: async (dispatches) =>
      (await pool.run<DispatchRow>(redispatch, [inOrderOfIds(dispatches)])).map(dispatchOfRow),
    queued: async (cursor, limit) => {
      const [rank, readySeq] = cursor === null ? [-1, '0'] : readCursor('queued', cursor, isPlace);
      const rows = await pool.run<DispatchRow & { ready_seq: string }>(queued, [rank, readySeq, limit + 1]);
      const page = rows.slice(0, limit);
      const last = rows.length > limit ? page.at(-1) : undefined;
      return {
        dispatches: page.map(dispatchOfRow),
        cursor: last ? writeCursor('queued', [last.priority, last.ready_seq]) : null,
      };
    },
    brokerMark: async () => {
      const row = await db.selectFrom('broker_marks').selectAll().executeTakeFirst();
      const { epoch = null, checking_epoch = null, checking_cursor: cursor = null } = row ?? {};
      return { epoch, checking: checking_epoch === null ? null : { epoch: checking_epoch, cursor } };
    },
    saveBrokerMark: async ({ epoch, checking }) => {
      const mark = { epoch, checking_epoch: checking?.epoch ?? null, checking_cursor: checking?.cursor ?? null };
      await db
        .insertInto('broker_marks')
        .values({ id: 1, ...mark })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(mark))
        .execute();
    },
  };
}

/** Two stewards at work on the same tasks lock them in one order. */
function inOrderOfIds(dispatches: readonly Dispatch[]): string {
  const ordered = dispatches.map(({ taskId, dispatch }) => ({ taskId, dispatch }));
  return JSON.stringify(ordered.sort((a, b) => (a.taskId < b.taskId ? -1 : 1)));
}

function isPlace(parts: readonly unknown[]): parts is Place {
  const [rank, readySeq] = parts;
  return parts.length === 2 && Number.isInteger(rank) && typeof readySeq === 'string' && /^\d{1,18}$/.test(readySeq);
}
