import { type Kysely, sql } from 'kysely';

// What a task's way through its life writes, made less: of running tasks there are few, so one small index finds them all;
// and the attempt that completes a task stays in the task's row, which tells all of it.
const statements = [
  'drop index tasks_open',
  `create index tasks_waiting on tasks (state, queue, type, submitted_at, id)
     where state in ('scheduled', 'queued', 'retrying')`,
  // Every attempt that has ended, wherever it is kept. A task that was completed before this step has no worker.
  `create view attempt_history as
     select task_id, number, outcome, worker, started_at, finished_at, error_code, error_message from attempts
     union all
     select id, attempt, 'completed' collate "C", worker, started_at, finished_at, null, null from tasks
     where state = 'completed' and worker is not null`,
];

const reverse = [
  `insert into attempts
     select h.* from attempt_history h join tasks t on t.id = h.task_id and t.state = 'completed' and t.worker is not null
     on conflict do nothing`,
  `update tasks set worker = null where state = 'completed' and worker is not null`,
  'drop view attempt_history',
  'drop index tasks_waiting',
  'create index tasks_open on tasks (state, queue, type, submitted_at, id) where finished_at is null',
];

/** Makes it so. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** Gives every attempt a row of its own again. */
export async function down(db: Kysely<unknown>): Promise<void> {
  for (const statement of reverse) await sql.raw(statement).execute(db);
}
