import { createHash } from 'node:crypto';
import type { IdempotencyClaim, InsertOutcome, NewTask } from '@navette/domain';
import type { BoundedPool } from './bounded-pool.ts';
import { insertFrom, newTaskFields } from './insert-tasks.ts';
import { batchJson, type Prepared } from './prepared.ts';
import { statement } from './statement.ts';
import { type InsertedRow, insertedTask, newTaskRecord, type TaskRow, taskColumnsOf, taskOfRow } from './task-row.ts';

/** A new task with an idempotency key. */
export type KeyedTask = NewTask & { readonly idempotency: IdempotencyClaim };

/** Whether a task has a key. */
export function isKeyed(task: NewTask): task is KeyedTask {
  return task.idempotency !== undefined;
}

/** Tells keys apart. */
export function keyOf({ idempotency: { scope, key } }: KeyedTask): string {
  return JSON.stringify([scope, key]);
}

// A key that is held already is left alone, unless it is too old to count. The task is inserted only where the key was
// taken, so no task is without its key.
const insertText = `
with asked as materialized (
  select * from json_to_recordset($1) as a(scope text, key text, fingerprint text, ${newTaskFields})
), taken as (
  insert into $schema.idempotency_keys as k (scope, key, task_id, fingerprint, created_at)
  select a.scope, a.key, a.id, a.fingerprint, now() from asked a
  on conflict (scope, key) do update
    set task_id = excluded.task_id, fingerprint = excluded.fingerprint, created_at = excluded.created_at
    where k.created_at <= now() - $2 * interval '1 ms'
  returning k.task_id
)${insertFrom('(select a.* from asked a join taken k on k.task_id = a.id) r')}`;

// A statement of its own: the first one cannot see what another transaction committed while it waited for it.
const winnersText = `
select k.scope, k.key, k.fingerprint, ${taskColumnsOf('t')}
from json_to_recordset($1) as a(scope text, key text)
join $schema.idempotency_keys k on k.scope = a.scope and k.key = a.key
join $schema.tasks t on t.id = k.task_id`;

type WinnerRow = TaskRow & { scope: string; key: string; fingerprint: string };

/**
 * Makes the write of new tasks with idempotency keys; a batch holds each key at most once.
 * @param keepKeysMs a key older than this is free again
 */
export function createInsertKeyedTasks(pool: BoundedPool, schema: string, keepKeysMs: number) {
  const insert = statement(schema, 'insert_keyed', insertText);
  const winners = statement(schema, 'key_winners', winnersText);

  const readWinners = (tasks: readonly KeyedTask[]) => {
    const keys = tasks.map(({ idempotency: { scope, key } }) => ({ scope, key }));
    return pool.runTwice<WinnerRow>(winners, [JSON.stringify(keys)]);
  };

  const write = async (batch: readonly Prepared<KeyedTask>[]): Promise<InsertOutcome[]> => {
    const inserted = await pool.runTwice<InsertedRow>(insert, [batchJson(batch), keepKeysMs]);
    const rows = new Map(inserted.map((row) => [row.id, row]));
    const losers = batch.filter(({ of }) => !rows.has(of.id));
    const found = losers.length === 0 ? [] : await readWinners(losers.map(({ of }) => of));
    const winnerOf = new Map(found.map((row) => [JSON.stringify([row.scope, row.key]), row]));
    // A key that was given free between the two statements is asked for again.
    const open = losers.filter(({ of }) => !winnerOf.has(keyOf(of)));
    const later = open.length === 0 ? [] : await write(open);
    return batch.map((item) => {
      const { of } = item;
      const row = rows.get(of.id);
      if (row) return { kind: 'inserted', task: insertedTask(of, row) };
      const winner = winnerOf.get(keyOf(of));
      return winner ? lostTo(winner, of) : (later[open.indexOf(item)] as InsertOutcome);
    });
  };
  return write;
}

/** A new task with its key as the insert statement reads it. */
export function keyedRecord(task: KeyedTask): object {
  const { scope, key, fingerprint } = task.idempotency;
  return { ...newTaskRecord(task), scope, key, fingerprint: hashOf(fingerprint) };
}

function lostTo(winner: WinnerRow, { id, idempotency }: KeyedTask): InsertOutcome {
  const task = taskOfRow(winner);
  // A repeat of the same write, whose first answer was lost.
  if (task.id === id) return { kind: 'inserted', task };
  if (winner.fingerprint !== hashOf(idempotency.fingerprint)) return { kind: 'keyReused', taskId: task.id };
  return { kind: 'replayed', task };
}

/** Requests may be large; what is compared is not. */
function hashOf(fingerprint: string): string {
  return createHash('sha256').update(fingerprint).digest('base64url');
}
