import type { Json } from '../json.ts';
import type { Priority } from '../priority.ts';
import type { RetryPolicy } from '../retry-policy.ts';
import type { TaskError } from '../task.ts';
import type { TaskState, TerminalState } from '../task-state.ts';

/** One attempt, and the worker whose attempt it is. */
export interface AttemptRef {
  readonly taskId: string;
  readonly attempt: number;
  readonly worker: string;
}

/** A granted attempt: all a worker needs to run it. */
export interface ClaimedAttempt extends AttemptRef {
  readonly dispatch: number;
  readonly type: string;
  readonly queue: string;
  readonly priority: Priority;
  readonly payload: Json;
  readonly retry: RetryPolicy;
  /** Attempts that had counted before this one. */
  readonly spent: number;
  readonly timeoutMs: number;
}

/** Who claims, and what it can run. */
export interface Claimant {
  readonly worker: string;
  /** Task types the worker knows; others are not granted to it. */
  readonly types: readonly string[];
}

/** The answer to a claim. */
export type ClaimAnswer =
  | { readonly kind: 'granted'; readonly attempt: ClaimedAttempt }
  /** That dispatch is over (a newer one exists, or the task is): drop it. */
  | { readonly kind: 'superseded' }
  /** Not now (paused, unknown type, row busy): ask again after the delay, ms. */
  | { readonly kind: 'notYet'; readonly delayMs: number }
  /** Another attempt holds the task under a lease: ask again after the delay, ms. */
  | { readonly kind: 'heldByLive'; readonly delayMs: number }
  /** Its `expiresAt` has passed; the steward ends it. */
  | { readonly kind: 'expired' };

/** How an attempt ended and what is to follow. */
export type Settlement =
  | { readonly outcome: 'completed'; readonly result: Json }
  /** Failed or timed out for good. */
  | { readonly outcome: 'failed' | 'timed_out'; readonly error: TaskError; readonly next: 'failed' }
  /** Failed or timed out, and to be tried again after the delay, ms. */
  | {
      readonly outcome: 'failed' | 'timed_out';
      readonly error: TaskError;
      readonly next: 'retrying';
      readonly delayMs: number;
    }
  /** Stopped because of a request to cancel: the handler obeyed, or was abandoned after the grace time. */
  | { readonly outcome: 'cancelled'; readonly cancellation: 'acknowledged' | 'ignored' }
  /** Handed back unfinished; not counted. With a delay (ms) it waits that long as `retrying`, without it is `queued`. */
  | { readonly outcome: 'interrupted'; readonly delayMs?: number | undefined };

/** The answer to a settlement. */
export type SettleAnswer =
  /** The task is over; `cancelled` where a request to cancel overruled a retry or a hand-back. */
  | { readonly kind: 'settled'; readonly state: TerminalState }
  /** The task goes on, under its present dispatch number. */
  | { readonly kind: 'settled'; readonly state: Exclude<TaskState, TerminalState>; readonly dispatch: number }
  /** The attempt was no longer the worker's to settle; nothing was written. */
  | { readonly kind: 'superseded' };

/** A line that a handler wrote. */
export interface LogLine {
  /** Orders the lines of a task. */
  readonly seq: number;
  readonly attempt: number;
  readonly at: Date;
  readonly message: string;
}

/** One page of a task's log, oldest line first. */
export interface LogPage {
  readonly items: readonly LogLine[];
  readonly nextCursor: string | null;
}

/** Which part of a task's log. */
export interface LogQuery {
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  /** Instead of a cursor: only lines whose `seq` is greater. */
  readonly after?: number | undefined;
}

/** The conditional writes that start and end an attempt, and what happens in between. */
export interface Attempts {
  /**
   * Asks for one dispatch of a task. Idempotent: asked again by the same worker for an attempt it was granted and has
   * not settled, it grants the same attempt.
   * @throws StoreUnavailableError
   */
  claim(claimant: Claimant, taskId: string, dispatch: number): Promise<ClaimAnswer>;
  /**
   * Ends an attempt, if it is still the task's running one under that worker. Idempotent: asked again, it gives the
   * stored answer.
   * @throws StoreUnavailableError — unknown whether it was committed; ask again.
   */
  settle(ref: AttemptRef, settlement: Settlement): Promise<SettleAnswer>;
  /** Replaces the task's progress; `false` if the attempt has been superseded. */
  progress(ref: AttemptRef, value: Json): Promise<boolean>;
  /** Appends lines to the task's log; `false` if the attempt has been superseded. */
  log(ref: AttemptRef, messages: readonly string[]): Promise<boolean>;
  /** @throws InvalidQueryError for a cursor that this store did not make. */
  logs(taskId: string, query: LogQuery): Promise<LogPage>;
}
