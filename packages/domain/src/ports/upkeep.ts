import type { Dispatch } from './task-broker.ts';

/** A worker, as others may see it. */
export interface WorkerInfo {
  /** Fresh at each start. */
  readonly id: string;
  /** Host and process, for people. */
  readonly name: string;
  /** Concurrency by queue. */
  readonly queues: Readonly<Record<string, number>>;
  readonly types: readonly string[];
}

/** What the store answers to a worker's renewal. */
export interface Renewal {
  /** Whether the lease had not run out, by the store's clock, when it was renewed; `false` for the first one. */
  readonly inTime: boolean;
  /** The attempts that run under this worker, as the store has them. */
  readonly held: readonly { readonly taskId: string; readonly attempt: number; readonly cancelRequested: boolean }[];
}

/** What became of a task that the steward moved. */
export interface MovedTask {
  readonly taskId: string;
  readonly state: 'queued' | 'failed' | 'cancelled' | 'expired';
  /** The hand-over that is due, for a task that is `queued` now. */
  readonly dispatch?: Dispatch | undefined;
}

/** What a promotion did. */
export interface Promotion {
  readonly promoted: readonly MovedTask[];
  /** How long (ms, ≥ 0) until the next waiting task is due; `null` if none waits. */
  readonly nextDueInMs: number | null;
}

/** A worker that is alive, and a queue it consumes. */
export interface LiveWorker extends WorkerInfo {
  readonly startedAt: Date;
  readonly renewedAt: Date;
}

/** The background work of the steward. Each call takes one bounded step and holds no lock afterwards; all may run at once. */
export interface Upkeep {
  /** Renews the worker's lease for `leaseMs`, registering it first if need be. */
  renew(worker: WorkerInfo, leaseMs: number): Promise<Renewal>;
  /** Gives the lease up. What still runs under it is recovered at once; its attempts still tell the worker's name. */
  release(workerId: string): Promise<void>;
  /** The workers whose lease is live. */
  workers(): Promise<LiveWorker[]>;
  /** Moves due `scheduled` and `retrying` tasks to `queued`. */
  promoteDue(limit: number): Promise<Promotion>;
  /**
   * Takes `running` tasks from workers whose lease has ended: the attempt is `lost` and counts as spent. `undefined`, and
   * nothing is taken, where the lease of the worker that judges has ended too: then it is the clock that is in doubt. So
   * nobody takes its own.
   */
  recoverLost(judge: string, limit: number): Promise<MovedTask[] | undefined>;
  /** Ends waiting tasks whose `expiresAt` has passed. */
  expire(limit: number): Promise<MovedTask[]>;
  /**
   * Deletes tasks and mass actions that finished longer ago than that (ms) and that no idempotency key protects, and what
   * belongs to them; how many. Once there are none, it forgets the names of workers that ended longer ago than any of the
   * tasks they finished can have been kept for.
   */
  prune(limit: number, olderThanMs: number): Promise<number>;
}
