import {
  type Dispatch,
  type NewTask,
  priorityOfRank,
  priorityRank,
  type Task,
  type TaskError,
  type TaskSummary,
} from '@navette/domain';
import type { Selectable } from 'kysely';
import type { TasksTable } from './database.ts';

/** The columns of which a task is made. */
export const taskColumns = [
  'id',
  'type',
  'queue',
  'state',
  'priority',
  'payload',
  'result',
  'progress',
  'error_code',
  'error_message',
  'attempt',
  'spent',
  'max_attempts',
  'backoff',
  'timeout_ms',
  'tags',
  'submitted_at',
  'run_at',
  'started_at',
  'finished_at',
  'expires_at',
  'dispatch',
  'cancel_requested_at',
  'cancel_outcome',
  'version',
] as const satisfies readonly (keyof TasksTable)[];

/** A row with these columns. */
export type TaskRow = Pick<Selectable<TasksTable>, (typeof taskColumns)[number]>;

/** The columns as SQL, of a table or alias. */
export function taskColumnsOf(alias: string): string {
  return taskColumns.map((column) => `${alias}.${column}`).join(', ');
}

/** Those columns without what may be large. */
export type SummaryRow = Omit<TaskRow, 'payload' | 'result'>;

/** They as SQL, of a table or alias. */
export function summaryColumnsOf(alias: string): string {
  const columns = taskColumns.filter((column) => column !== 'payload' && column !== 'result');
  return columns.map((column) => `${alias}.${column}`).join(', ');
}

/** The task of such a row. */
export function summaryOfRow(row: SummaryRow): TaskSummary {
  const { payload: _payload, result: _result, ...summary } = taskOfRow({ ...row, payload: null, result: null });
  return summary;
}

/** The task of a row. */
export function taskOfRow(row: TaskRow): Task {
  return {
    id: row.id,
    type: row.type,
    queue: row.queue,
    state: row.state,
    priority: priorityOfRank(row.priority),
    payload: row.payload,
    result: row.result,
    error: errorOfRow(row),
    progress: row.progress,
    attempt: row.attempt,
    spent: row.spent,
    retry: { maxAttempts: row.max_attempts, backoff: row.backoff },
    timeoutMs: row.timeout_ms,
    tags: row.tags,
    submittedAt: row.submitted_at,
    runAt: row.run_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    expiresAt: row.expires_at,
    cancellation: row.cancel_requested_at && { requestedAt: row.cancel_requested_at, outcome: row.cancel_outcome },
    dispatch: row.dispatch,
    version: row.version,
  };
}

/** The error of a row of `tasks` or `attempts`. */
export function errorOfRow(row: { error_code: string | null; error_message: string | null }): TaskError | null {
  return row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' };
}

/** What an insert answers of a task beside what was sent. */
export type InsertedRow = Pick<TaskRow, 'id' | 'state' | 'submitted_at' | 'run_at' | 'expires_at'>;

/** The task that an insert made. */
export function insertedTask(sent: NewTask, row: InsertedRow): Task {
  return {
    id: row.id,
    type: sent.type,
    queue: sent.queue,
    state: row.state,
    priority: sent.priority,
    payload: sent.payload,
    result: null,
    error: null,
    progress: null,
    attempt: 0,
    spent: 0,
    retry: sent.retry,
    timeoutMs: sent.timeoutMs,
    tags: sent.tags,
    submittedAt: row.submitted_at,
    runAt: row.run_at,
    startedAt: null,
    finishedAt: null,
    expiresAt: row.expires_at,
    cancellation: null,
    dispatch: 1,
    version: 1,
  };
}

/** A new task as the insert statements read it: a JSON object whose fields are their columns. */
export function newTaskRecord(task: NewTask): object {
  return {
    id: task.id,
    type: task.type,
    queue: task.queue,
    priority: priorityRank(task.priority),
    payload: task.payload,
    max_attempts: task.retry.maxAttempts,
    backoff: task.retry.backoff,
    timeout_ms: task.timeoutMs,
    tags: task.tags,
    delay_ms: task.delayMs ?? 0,
    run_at: task.runAt,
    expires_at: task.expiresAt,
  };
}

/** What tells a hand-over. */
export type DispatchRow = Pick<Selectable<TasksTable>, 'id' | 'dispatch' | 'queue' | 'priority'>;

/** The hand-over of a row. */
export function dispatchOfRow(row: DispatchRow): Dispatch {
  return { taskId: row.id, dispatch: row.dispatch, queue: row.queue, priority: priorityOfRank(row.priority) };
}
