import type { Json } from './json.ts';
import type { Priority } from './priority.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { TaskState } from './task-state.ts';

/** Why a task or an attempt failed: a stable code (`timed_out`, or the handler's own) and a text for people. */
export interface TaskError {
  readonly code: string;
  readonly message: string;
}

/** What became of a request to cancel; `null` while that is not known. */
export type CancellationOutcome = 'acknowledged' | 'ignored' | 'too_late' | null;

/** A request to cancel a task. */
export interface Cancellation {
  readonly requestedAt: Date;
  /** `acknowledged`: it stopped; `ignored`: abandoned after a grace time; `too_late`: it ended by itself first. */
  readonly outcome: CancellationOutcome;
}

/** One unit of work, as the store has it. */
export interface Task {
  /** UUIDv7. */
  readonly id: string;
  /** Name of its task type. */
  readonly type: string;
  readonly queue: string;
  readonly state: TaskState;
  readonly priority: Priority;
  /** As it was submitted. */
  readonly payload: Json;
  /** What the handler returned; `null` until then. */
  readonly result: Json;
  /** Why the last attempt failed; `null` if it did not. */
  readonly error: TaskError | null;
  /** What the handler reported last. */
  readonly progress: Json;
  /** Number of the latest attempt; 0 before the first. */
  readonly attempt: number;
  /** Attempts that have counted against `retry.maxAttempts`. */
  readonly spent: number;
  readonly retry: RetryPolicy;
  /** How long one attempt may take, ms. */
  readonly timeoutMs: number;
  readonly tags: readonly string[];
  readonly submittedAt: Date;
  /** Not to be run before; `null`: at once. */
  readonly runAt: Date | null;
  /** When the latest attempt started. */
  readonly startedAt: Date | null;
  /** When it reached its terminal state. */
  readonly finishedAt: Date | null;
  /** If it has not started by then, it ends `expired`. */
  readonly expiresAt: Date | null;
  readonly cancellation: Cancellation | null;
  /** Number of its latest hand-over to the broker, from 1. */
  readonly dispatch: number;
  /** Goes up at every change. */
  readonly version: number;
}

/** How an attempt ended, or that it is under way. */
export const attemptOutcomes = [
  'running',
  'completed',
  'failed',
  'timed_out',
  'lost',
  'cancelled',
  'interrupted',
] as const;

/** How an attempt ended, or that it is under way. */
export type AttemptOutcome = (typeof attemptOutcomes)[number];

/** One run of a task's handler. */
export interface Attempt {
  /** From 1; identifies the attempt within its task, nothing more. */
  readonly number: number;
  readonly outcome: AttemptOutcome;
  /** Id of the worker that ran it. */
  readonly worker: string;
  /** What that worker was called (host and process); `null` once the store has forgotten it. */
  readonly workerName: string | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly error: TaskError | null;
}

/** A task with all its attempts, oldest first. */
export interface TaskWithAttempts extends Task {
  readonly attempts: readonly Attempt[];
}
