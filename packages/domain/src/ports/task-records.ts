import type { StoreUnavailableError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Priority } from '../priority.ts';
import type { RetryPolicy } from '../retry-policy.ts';
import type { Task, TaskWithAttempts } from '../task.ts';
import type { TaskState } from '../task-state.ts';

/** Makes a submission idempotent. */
export interface IdempotencyClaim {
  /** Who submits (the name of the API key); keys of different scopes do not meet. */
  readonly scope: string;
  readonly key: string;
  /** Equal for equal requests. */
  readonly fingerprint: string;
}

/** A task to be recorded. Everything has been validated; the store still refuses what it cannot keep. */
export interface NewTask {
  readonly id: string;
  readonly type: string;
  readonly queue: string;
  readonly payload: Json;
  readonly priority: Priority;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly tags: readonly string[];
  /** Due this long (ms) after the store's present time; not together with `runAt`. */
  readonly delayMs?: number | undefined;
  /** Due at this moment; a past one means now. */
  readonly runAt?: Date | undefined;
  readonly expiresAt?: Date | undefined;
  readonly idempotency?: IdempotencyClaim | undefined;
}

/** What became of one new task. */
export type InsertOutcome =
  /** It is committed. */
  | { readonly kind: 'inserted'; readonly task: Task }
  /** The same request had been made with this key: its task, as it is now. */
  | { readonly kind: 'replayed'; readonly task: Task }
  /** The key had been used for another request. */
  | { readonly kind: 'keyReused'; readonly taskId: string }
  /** The store refused this row, and this row alone. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** The store failed after others of the same call had been committed: unknown whether this one is. */
  | { readonly kind: 'unknown'; readonly error: StoreUnavailableError }
  /** Nothing is wrong with it, but it was to be all or nothing and another one was refused. */
  | { readonly kind: 'withheld' };

/** Which tasks are meant. Several filters narrow; several states widen. */
export interface TaskFilter {
  readonly states?: readonly TaskState[] | undefined;
  readonly type?: string | undefined;
  readonly queue?: string | undefined;
  readonly tag?: string | undefined;
  readonly errorCode?: string | undefined;
  /** Inclusive. */
  readonly submittedAfter?: Date | undefined;
  /** Exclusive. */
  readonly submittedBefore?: Date | undefined;
  /** Inclusive. */
  readonly finishedAfter?: Date | undefined;
  /** Exclusive. */
  readonly finishedBefore?: Date | undefined;
}

/** Which tasks to find, and which page of them. */
export interface TaskQuery extends TaskFilter {
  /** Page size, 1 to 100. */
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  /** Skip this many tasks first: for the board's numbered pages; costs as much as what it skips. */
  readonly offset?: number | undefined;
  /** Leaves payload and result, which can be large, out of the items: there they are `null`. */
  readonly bare?: boolean | undefined;
}

/** One page of tasks, newest submission first. */
export interface TaskPage {
  readonly items: readonly Task[];
  /** Where the next page starts; `null` at the end. */
  readonly nextCursor: string | null;
}

/** The tasks of one queue, counted by state, and what is known of the queue. */
export interface QueueSummary {
  readonly queue: string;
  readonly paused: boolean;
  readonly counts: Readonly<Record<TaskState, number>>;
  /** Since when the longest-waiting `queued` task has been there; `null` if none waits. */
  readonly oldestQueuedAt: Date | null;
}

/** What waits in a queue. */
export interface QueueWait {
  readonly queue: string;
  /** How long the longest-waiting task has been there, by the store's clock, ms ≥ 0. */
  readonly waitedMs: number;
  /** Names the entry that is to be started next, and no other: the same task at its next entry has another. */
  readonly next: string;
  /** Attempts of the queue under way. */
  readonly running: number;
}

/** How new tasks are recorded. The answers stand in the order of the tasks, and so do those that are queued. */
export interface TaskInserts {
  /**
   * Commits new tasks, however many; one that is refused does not keep out the others. Once this resolves, what was
   * `inserted` is durable.
   * @throws StoreUnavailableError — unknown whether anything was committed.
   */
  insert(tasks: readonly NewTask[]): Promise<InsertOutcome[]>;
  /**
   * Commits all of the tasks and their idempotency keys, or nothing: where some are `refused` or `keyReused`, all others
   * are `withheld`.
   * @throws StoreUnavailableError — unknown whether all were committed, or nothing.
   */
  insertAll(tasks: readonly NewTask[]): Promise<InsertOutcome[]>;
}

/** The record of all tasks: what was accepted, and how to find it. */
export interface TaskRecords extends TaskInserts {
  /** One task with its attempts; `undefined` if there is none. */
  get(taskId: string): Promise<TaskWithAttempts | undefined>;
  /**
   * Finds tasks. A store may give up on a search that takes too long.
   * @throws InvalidQueryError for a cursor that this store did not make; QueryTooBroadError
   */
  search(query: TaskQuery): Promise<TaskPage>;
  /** How many tasks a filter finds, exactly. A store may give up on what takes too long. @throws QueryTooBroadError */
  count(filter: TaskFilter): Promise<number>;
  /** Every queue that has tasks or has been paused, by name. */
  queues(): Promise<QueueSummary[]>;
  /**
   * Those of the queues, unless paused, in which tasks of these types are `queued`, and how it stands there. Cheap,
   * however much waits.
   */
  waiting(queues: readonly string[], types: readonly string[]): Promise<QueueWait[]>;
}
