import {
  type Attempt,
  type AttemptOutcome,
  type ClaimedAttempt,
  type Dispatch,
  type Json,
  type LogLine,
  type NewTask,
  priorityOfRank,
  priorityRank,
  type RetryPolicy,
  type Task,
  type TaskError,
  type TaskSummary,
  type TaskWithAttempts,
} from '@navette/domain';
import type { Selectable } from 'kysely';
import type { AttemptsTable, TaskLogsTable, TasksTable } from './database.ts';

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

function errorOfRow(row: { error_code: string | null; error_message: string | null }): TaskError | null {
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

/** A task's row with its ended attempts as JSON, and the worker of the one that runs. */
export interface TaskWithAttemptsRow extends TaskRow {
  readonly worker: string | null;
  readonly worker_name: string | null;
  readonly ended: readonly EndedAttempt[];
}

/** One row of `attempts` as JSON; times in epoch milliseconds. */
type EndedAttempt = Omit<Selectable<AttemptsTable>, 'task_id' | 'started_at' | 'finished_at'> & {
  readonly worker_name: string | null;
  readonly started_ms: number;
  readonly finished_ms: number;
};

/** SQL for the column `ended` of a {@link TaskWithAttemptsRow}, over `attempts a` and `workers w`. */
export const endedAttemptsJson = `coalesce(json_agg(json_build_object(
  'number', a.number, 'outcome', a.outcome, 'worker', a.worker, 'worker_name', w.name,
  'started_ms', (extract(epoch from a.started_at) * 1000)::bigint,
  'finished_ms', (extract(epoch from a.finished_at) * 1000)::bigint,
  'error_code', a.error_code, 'error_message', a.error_message
) order by a.number), '[]')`;

/** The task of a row with all its attempts. */
export function taskWithAttemptsOfRow(row: TaskWithAttemptsRow): TaskWithAttempts {
  const attempts: Attempt[] = row.ended.map((attempt) => ({
    number: attempt.number,
    outcome: attempt.outcome as AttemptOutcome,
    worker: attempt.worker,
    workerName: attempt.worker_name,
    startedAt: new Date(attempt.started_ms),
    finishedAt: new Date(attempt.finished_ms),
    error: errorOfRow(attempt),
  }));
  if (row.state === 'running' && row.worker !== null && row.started_at !== null) {
    const { attempt: number, worker, worker_name: workerName, started_at: startedAt } = row;
    attempts.push({ number, outcome: 'running', worker, workerName, startedAt, finishedAt: null, error: null });
  }
  return { ...taskOfRow(row), attempts };
}

/** What a claim answers of a task. */
export interface ClaimedRow {
  readonly id: string;
  readonly attempt: number;
  readonly worker: string;
  readonly dispatch: number;
  readonly type: string;
  readonly queue: string;
  readonly priority: number;
  readonly payload: Json;
  readonly max_attempts: number;
  /** As JSON. */
  readonly backoff: string;
  readonly spent: number;
  readonly timeout_ms: number;
}

/** SQL for the columns of a {@link ClaimedRow} that a consumer does not know itself, of `tasks t`. */
export const dequeuedColumns =
  't.id, t.attempt, t.dispatch, t.type, t.priority, t.payload, t.max_attempts, t.backoff::text, t.spent, t.timeout_ms';

/** SQL for the columns of a {@link ClaimedRow}, of `tasks t`. */
export const claimedColumns = `${dequeuedColumns}, t.worker, t.queue`;

/** The attempt of a row. */
export function claimedOfRow(
  row: Omit<ClaimedRow, 'worker' | 'queue'>,
  { worker, queue }: Pick<ClaimedRow, 'worker' | 'queue'>,
): ClaimedAttempt {
  return {
    taskId: row.id,
    attempt: row.attempt,
    worker,
    dispatch: row.dispatch,
    type: row.type,
    queue,
    priority: priorityOfRank(row.priority),
    payload: row.payload,
    retry: retryPolicyOf(row.max_attempts, row.backoff),
    spent: row.spent,
    timeoutMs: row.timeout_ms,
  };
}

// Tasks of a type have the same policy, as a rule: it is read once.
const policies = new Map<string, RetryPolicy>();
const maxPolicies = 100;

function retryPolicyOf(maxAttempts: number, backoff: string): RetryPolicy {
  const key = `${maxAttempts} ${backoff}`;
  const known = policies.get(key);
  if (known) return known;
  const policy: RetryPolicy = { maxAttempts, backoff: JSON.parse(backoff) };
  if (policies.size === maxPolicies) policies.clear();
  policies.set(key, policy);
  return policy;
}

/** What tells a hand-over. */
export type DispatchRow = Pick<Selectable<TasksTable>, 'id' | 'dispatch' | 'queue' | 'priority'>;

/** The hand-over of a row. */
export function dispatchOfRow(row: DispatchRow): Dispatch {
  return { taskId: row.id, dispatch: row.dispatch, queue: row.queue, priority: priorityOfRank(row.priority) };
}

/** The line of a row. */
export function logLineOfRow({ seq, attempt, at, message }: Omit<Selectable<TaskLogsTable>, 'task_id'>): LogLine {
  return { seq, attempt, at, message };
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether this can be the id of a task or a worker, written as ids are; anything else names none. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}
