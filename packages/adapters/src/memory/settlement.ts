import {
  type AttemptOutcome,
  type Cancellation,
  findJsonProblem,
  type Json,
  type Settlement,
  type Task,
  type TaskError,
} from '@navette/domain';

/** How an attempt ended, and what that means for its task. */
export interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  readonly error: TaskError | null;
  readonly changes: Partial<Task>;
}

/** What a settlement means for a task. A request to cancel overrules whatever would leave the task open. */
export function endOf(task: Task, settlement: Settlement, now: Date): AttemptEnd {
  switch (settlement.outcome) {
    case 'completed':
      return completion(task, settlement.result);
    case 'failed':
    case 'timed_out':
      return failure(task, settlement, now);
    case 'cancelled':
      return task.cancellation
        ? { outcome: 'cancelled', error: null, changes: cancelled(task, settlement.cancellation) }
        : handBack(task, now);
    case 'interrupted':
      return handBack(task, now, settlement.delayMs);
  }
}

/** What it means for a task that the worker of its attempt was lost. */
export function lossOf(task: Task): AttemptEnd {
  const error = { code: 'worker_lost', message: 'the worker stopped renewing its lease' };
  const spent = task.spent + 1;
  const counted = { error, spent };
  if (task.cancellation) return { outcome: 'lost', error, changes: { ...counted, ...cancelled(task) } };
  const changes: Partial<Task> = spent >= task.retry.maxAttempts ? { state: 'failed' } : queuedAgain(task);
  return { outcome: 'lost', error, changes: { ...counted, ...changes } };
}

function completion(task: Task, result: Json): AttemptEnd {
  const problem = findJsonProblem(result);
  if (problem) {
    const message = `the result ${problem.pointer ? `at ${problem.pointer} ` : ''}${problem.detail}`;
    const error = { code: 'invalid_result', message };
    return { outcome: 'failed', error, changes: { ...ended(task), state: 'failed', error } };
  }
  const kept = JSON.parse(JSON.stringify(result)) as Json;
  const changes: Partial<Task> = { ...ended(task), state: 'completed', result: kept, error: null };
  return { outcome: 'completed', error: null, changes };
}

function failure(
  task: Task,
  settlement: Extract<Settlement, { outcome: 'failed' | 'timed_out' }>,
  now: Date,
): AttemptEnd {
  const { outcome, error } = settlement;
  if (settlement.next === 'failed') return { outcome, error, changes: { ...ended(task), state: 'failed', error } };
  const counted = { error, spent: task.spent + 1 };
  if (task.cancellation) return { outcome, error, changes: { ...counted, ...cancelled(task) } };
  return { outcome, error, changes: { ...counted, ...retryingAgain(task, now, settlement.delayMs) } };
}

function handBack(task: Task, now: Date, delayMs?: number): AttemptEnd {
  const again = delayMs === undefined ? queuedAgain(task) : retryingAgain(task, now, delayMs);
  const changes = task.cancellation ? cancelled(task) : again;
  return { outcome: 'interrupted', error: null, changes };
}

function queuedAgain(task: Task): Partial<Task> {
  return { state: 'queued', dispatch: task.dispatch + 1 };
}

function retryingAgain(task: Task, now: Date, delayMs: number): Partial<Task> {
  return { state: 'retrying', runAt: new Date(now.getTime() + delayMs), dispatch: task.dispatch + 1 };
}

function cancelled(task: Task, outcome: 'acknowledged' | 'ignored' = 'acknowledged'): Partial<Task> {
  return { state: 'cancelled', cancellation: { ...(task.cancellation as Cancellation), outcome } };
}

/** It ended by itself and counts; a request to cancel came too late. */
function ended(task: Task): Partial<Task> {
  const { cancellation, spent } = task;
  return { spent: spent + 1, cancellation: cancellation && { ...cancellation, outcome: 'too_late' } };
}
