import type { JobState, QueueJob, QueueJobJson } from '@bull-board/api/dist/types.js';
import { type Attempt, type Navette, priorityRank, type Task, type TaskWithAttempts } from '@navette/domain';
import { forBoard } from './board-refusal.ts';
import { tabOf } from './board-states.ts';

/** What a button of the board may do to a task. */
export type BoardActions = Pick<Navette, 'cancel' | 'retry' | 'promote'>;

/** Shows a task as the board expects a job; its buttons go through the use cases. */
export function boardTask(task: Task | TaskWithAttempts, actions: BoardActions): QueueJob {
  const act = async (work: Promise<unknown>) => {
    await forBoard(work);
  };
  return {
    opts: { delay: delayOf(task) },
    toJSON: () => jobJson(task),
    getState: async () => tabOf(task.state) as JobState,
    retry: () => act(actions.retry(task.id)),
    promote: () => act(actions.promote(task.id)),
    // The board's "remove": history is kept, so it means cancel.
    remove: () => act(actions.cancel(task.id)),
  };
}

function jobJson(task: Task | TaskWithAttempts): QueueJobJson {
  const attempts = 'attempts' in task ? task.attempts : [];
  const lastAttempt = attempts.at(-1);
  return {
    id: task.id,
    name: task.type,
    data: task.payload,
    progress: (task.progress as QueueJobJson['progress'] | null) ?? 0,
    timestamp: task.submittedAt.getTime(),
    processedOn: task.startedAt?.getTime() ?? null,
    finishedOn: task.finishedAt?.getTime() ?? null,
    processedBy: lastAttempt ? whereOf(lastAttempt) : null,
    attemptsMade: task.attempt,
    delay: delayOf(task),
    priority: priorityRank(task.priority) + 1,
    failedReason: failedReason(task),
    // The board shows the last one first.
    stacktrace: attempts.filter((attempt) => attempt.error).map(attemptLine),
    returnvalue: task.result,
    opts: {
      state: task.state,
      priority: task.priority,
      attempts: task.retry.maxAttempts,
      backoff: task.retry.backoff,
      timeoutMs: task.timeoutMs,
      delay: delayOf(task),
      tags: task.tags,
      runAt: task.runAt,
      expiresAt: task.expiresAt,
      cancellation: task.cancellation,
    },
  };
}

function delayOf(task: Task): number {
  return task.runAt ? Math.max(0, task.runAt.getTime() - task.submittedAt.getTime()) : 0;
}

function failedReason(task: Task): string {
  if (task.state === 'cancelled') return `cancelled (${task.cancellation?.outcome ?? 'on request'})`;
  if (task.state === 'expired') return 'expired before it started';
  return task.error ? `${task.error.code}: ${task.error.message}` : '';
}

function whereOf({ worker, workerName }: Attempt): string {
  return workerName ?? worker;
}

/** One attempt in one line: when, how, why, where. */
export function attemptLine(attempt: Attempt): string {
  const { number, outcome, startedAt, finishedAt, error } = attempt;
  const took = finishedAt ? ` after ${finishedAt.getTime() - startedAt.getTime()} ms` : '';
  const why = error ? `: ${error.code}: ${error.message}` : '';
  return `${startedAt.toISOString()} attempt ${number} ${outcome.replace('_', ' ')}${took}${why} (worker ${whereOf(attempt)})`;
}
