import { createHash } from 'node:crypto';
import type { IdempotencyClaim, InsertOutcome, NewTask } from '@navette/domain';
import type { RunStatement } from './bounded-pool.ts';
import { insertFrom, newTaskFields, tasksByIdStatement } from './insert-tasks.ts';
import { batchJson, type Prepared, prepare } from './prepared.ts';
import { foundBy, statement } from './statement.ts';
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

/**
 * SQL of CTEs: `asked`, the tasks of $1, and `taken`, those that got their key. A key that is held already is left alone,
 * unless it is older than $2 ms. Keys are taken in one order, so that two batches do not wait for each other in a circle.
 */
export const askedText = `
with asked as materialized (
  select * from json_to_recordset($1) as a(scope text, key text, fingerprint text, ${newTaskFields})
), taken as (
  insert into $schema.idempotency_keys as k (scope, key, task_id, fingerprint, created_at)
  select a.scope, a.key, a.id, a.fingerprint, statement_timestamp() from asked a
  where a.key is not null order by a.scope collate "C", a.key collate "C"
  on conflict (scope, key) do update
    set task_id = excluded.task_id, fingerprint = excluded.fingerprint, created_at = excluded.created_at
    where k.created_at <= statement_timestamp() - $2 * interval '1 ms'
  returning k.task_id
)`;

/** SQL of a relation: the tasks to insert. Those with keys only where the key was taken, so none is without its key. */
export const admittedTasks =
  '(select a.* from asked a where a.key is null or a.id in (select t.task_id from taken t)) r';

/**
 * SQL that reads the tasks for which the keys of $1 stand. A statement of its own: the one that inserts cannot see what
 * another transaction committed while it waited for it.
 */
export const winnersText = `
select k.scope, k.key, k.fingerprint, ${taskColumnsOf('t')}
from json_to_recordset($1) as a(scope text, key text)
join $schema.idempotency_keys k on ${foundBy('k.scope', 'a.scope')} and ${foundBy('k.key', 'a.key')}
join $schema.tasks t on ${foundBy('t.id', 'k.task_id')}`;

/** A task for which a key stands. */
export type WinnerRow = TaskRow & { scope: string; key: string; fingerprint: string };

/** The statements that an insert is made of, on one connection or on any of a pool. */
export interface InsertSteps {
  /** Of what {@link askedText} and {@link admittedTasks} say. */
  insert(tasks: string): Promise<readonly InsertedRow[]>;
  winners(keys: string): Promise<readonly WinnerRow[]>;
  byId(ids: readonly string[]): Promise<readonly TaskRow[]>;
}

/** Makes the steps of what runs their statements. @param keepKeysMs a key older than this is free again */
export function createInsertSteps(run: RunStatement, schema: string, keepKeysMs: number): InsertSteps {
  const insert = statement(schema, 'insert_any', askedText + insertFrom(admittedTasks));
  const winners = statement(schema, 'key_winners', winnersText);
  const byId = tasksByIdStatement(schema);
  return {
    insert: (tasks) => run<InsertedRow>(insert, [tasks, keepKeysMs]),
    winners: (keys) => run<WinnerRow>(winners, [keys]),
    byId: (ids) => run<TaskRow>(byId, [ids]),
  };
}

/** A task as the insert statements read it. */
export function prepareTask(task: NewTask): Prepared<NewTask> {
  const record = newTaskRecord(task);
  if (!isKeyed(task)) return prepare(task, record);
  const { scope, key, fingerprint } = task.idempotency;
  return prepare(task, { ...record, scope, key, fingerprint: hashOf(fingerprint) });
}

/** Writes new tasks; the answers stand in their order. */
export type InsertAnyTasks = (batch: readonly Prepared<NewTask>[]) => Promise<InsertOutcome[]>;

/**
 * Makes the write of new tasks of which some have idempotency keys. Repeating it is harmless: an id that is there already
 * is taken for the same task, written by a connection that broke before it answered.
 */
export function createInsertAnyTasks(steps: InsertSteps): InsertAnyTasks {
  const readWinners = async (keyed: readonly KeyedTask[]) => {
    if (keyed.length === 0) return new Map<string, WinnerRow>();
    const keys = keyed.map(({ idempotency: { scope, key } }) => ({ scope, key }));
    const rows = await steps.winners(JSON.stringify(keys));
    return new Map(rows.map((row) => [JSON.stringify([row.scope, row.key]), row]));
  };

  const readKnown = async (ids: readonly string[]) => {
    const rows = ids.length === 0 ? [] : await steps.byId(ids);
    return new Map(rows.map((row) => [row.id, row]));
  };

  const write: InsertAnyTasks = async (batch) => {
    const { first, repeated } = splitByKey(batch);
    const inserted = new Map((await steps.insert(batchJson(first))).map((row) => [row.id, row]));
    const absent = first.filter(({ of }) => !inserted.has(of.id)).map(({ of }) => of);
    const winners = await readWinners(absent.filter(isKeyed));
    const known = await readKnown(absent.filter((task) => !isKeyed(task)).map(({ id }) => id));
    const outcomeOf = ({ of }: Prepared<NewTask>): InsertOutcome | undefined => {
      const row = inserted.get(of.id);
      if (row) return { kind: 'inserted', task: insertedTask(of, row) };
      if (isKeyed(of)) {
        const winner = winners.get(keyOf(of));
        return winner && lostTo(winner, of);
      }
      const task = known.get(of.id);
      if (!task) throw new Error(`task ${of.id} was neither inserted nor found`);
      return { kind: 'inserted', task: taskOfRow(task) };
    };
    const outcomes = new Map(first.map((item) => [item, outcomeOf(item)]));
    // A key that was given free between the two statements is asked for again, and one that came twice a second time.
    const open = [...first.filter((item) => outcomes.get(item) === undefined), ...repeated];
    const later = open.length === 0 ? [] : await write(open);
    for (const [i, item] of open.entries()) outcomes.set(item, later[i]);
    return batch.map((item) => outcomes.get(item) as InsertOutcome);
  };
  return write;
}

/** Each key once, with the first task that has it; what else has it comes later. */
function splitByKey(batch: readonly Prepared<NewTask>[]) {
  const keys = new Set<string>();
  const first: Prepared<NewTask>[] = [];
  const repeated: Prepared<NewTask>[] = [];
  for (const item of batch) {
    const key = isKeyed(item.of) ? keyOf(item.of) : undefined;
    if (key !== undefined && keys.has(key)) repeated.push(item);
    else first.push(item);
    if (key !== undefined) keys.add(key);
  }
  return { first, repeated };
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
