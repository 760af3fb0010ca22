import type { Attempt, AttemptOutcome, TaskWithAttempts } from '@navette/domain';
import type { Selectable } from 'kysely';
import type { AttemptsTable } from './database.ts';
import { errorOfRow, type TaskRow, taskOfRow } from './task-row.ts';

/** A task's row with its ended attempts as JSON, and the worker of the one that it tells itself: it runs, or completed it. */
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
  const { attempt: number, state: outcome, worker, worker_name: workerName, started_at: startedAt } = row;
  if ((outcome === 'running' || outcome === 'completed') && worker !== null && startedAt !== null) {
    attempts.push({ number, outcome, worker, workerName, startedAt, finishedAt: row.finished_at, error: null });
  }
  return { ...taskOfRow(row), attempts };
}
