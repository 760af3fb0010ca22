import type { InsertOutcome, NewTask } from '@navette/domain';
import type { BoundedPool } from './bounded-pool.ts';
import { batchJson, type Prepared } from './prepared.ts';
import { type Statement, statement } from './statement.ts';
import { type InsertedRow, insertedTask, type TaskRow, taskColumnsOf, taskOfRow } from './task-row.ts';

/** The fields of a `newTaskRecord`. */
export const newTaskFields = `
  id uuid, type text, queue text, priority smallint, payload json, max_attempts smallint, backoff json,
  timeout_ms integer, tags text[], delay_ms float8, run_at timestamptz(3), expires_at timestamptz(3)`;

/**
 * SQL that inserts the new tasks of a relation `r` with {@link newTaskFields}, in its order. The time is the statement's:
 * a transaction may have begun long before.
 * @param returning further columns, each after a comma
 */
export function insertFrom(relation: string, returning = ''): string {
  return `
  insert into $schema.tasks (
    id, type, queue, state, priority, ready_seq, payload, max_attempts, backoff, timeout_ms, tags,
    submitted_at, run_at, queued_at, expires_at, dispatched_at
  )
  select
    n.id, n.type, n.queue,
    case when n.due then 'queued' else 'scheduled' end,
    n.priority,
    case when n.due then nextval('$schema.ready_seq') else 0 end,
    coalesce(n.payload, 'null'), n.max_attempts, n.backoff, n.timeout_ms, n.tags,
    statement_timestamp(),
    case when not n.due then n.due_at end,
    case when n.due then statement_timestamp() end,
    n.expires_at,
    statement_timestamp()
  from (
    select d.*, d.due_at <= statement_timestamp() as due
    from (select r.*, coalesce(r.run_at, statement_timestamp() + r.delay_ms * interval '1 ms') as due_at from ${relation}) d
  ) n
  on conflict (id) do nothing
  returning id, state, submitted_at, run_at, expires_at${returning}`;
}

/** SQL that reads the tasks whose ids are in $1. */
export const tasksByIdText = `select ${taskColumnsOf('t')} from $schema.tasks t where t.id = any($1::uuid[])`;

/** Reads tasks by their ids. */
export function tasksByIdStatement(schema: string): Statement {
  return statement(schema, 'tasks_by_id', tasksByIdText);
}

/**
 * Makes the write of new tasks without idempotency keys. Repeating it is harmless: an id that is there already is taken
 * for the same task, written by a connection that broke before it answered.
 */
export function createInsertTasks(pool: BoundedPool, schema: string) {
  const insert = statement(schema, 'insert', insertFrom(`json_to_recordset($1) as r(${newTaskFields})`));
  const byId = tasksByIdStatement(schema);
  return async (batch: readonly Prepared<NewTask>[]): Promise<InsertOutcome[]> => {
    const inserted = await pool.runTwice<InsertedRow>(insert, [batchJson(batch)]);
    const rows = new Map(inserted.map((row) => [row.id, row]));
    const missing = batch.filter(({ of }) => !rows.has(of.id)).map(({ of }) => of.id);
    const found = missing.length === 0 ? [] : await pool.runTwice<TaskRow>(byId, [missing]);
    const known = new Map(found.map((row) => [row.id, taskOfRow(row)]));
    return batch.map(({ of }) => {
      const row = rows.get(of.id);
      const task = row ? insertedTask(of, row) : known.get(of.id);
      if (!task) throw new Error(`task ${of.id} was neither inserted nor found`);
      return { kind: 'inserted', task };
    });
  };
}
