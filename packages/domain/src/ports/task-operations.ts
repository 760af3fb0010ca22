import type { Operation, OperationAction } from '../operation.ts';
import type { IdempotencyClaim, TaskFilter } from './task-records.ts';
import type { MovedTask } from './upkeep.ts';

/** A mass action to be recorded. Everything has been validated. */
export interface NewOperation {
  readonly id: string;
  readonly action: OperationAction;
  readonly filter: TaskFilter;
  readonly total: number;
  readonly perSecond: number;
  readonly idempotency?: IdempotencyClaim | undefined;
}

/** What became of a new operation. */
export type OperationOutcome = { readonly kind: 'created'; readonly operation: Operation } | OperationStartedBefore;

/** What an idempotency key that has been used means for a request. */
export type OperationStartedBefore =
  /** The same request had been made with this key: its operation, as it is now. */
  | { readonly kind: 'replayed'; readonly operation: Operation }
  /** The key had been used for another request. */
  | { readonly kind: 'keyReused'; readonly operationId: string };

/** One page of operations, newest first. */
export interface OperationPage {
  readonly items: readonly Operation[];
  /** Where the next page starts; `null` at the end. */
  readonly nextCursor: string | null;
}

/** What one step of an operation did. */
export interface OperationStep {
  /** Tasks that are cancelled or queued now. */
  readonly moved: readonly MovedTask[];
  /** Running tasks that are to stop now. */
  readonly cancelRequested: readonly string[];
}

/** Mass actions: rows that say what is to be done, and the steps in which it is. */
export interface TaskOperations {
  /**
   * Commits a new one, running. Tasks that are submitted later are none of its business. Its key holds as long as one of a
   * submission; then it is free again, whatever became of the operation.
   */
  create(operation: NewOperation): Promise<OperationOutcome>;
  /** What `create` would answer because of the key; `undefined` if nothing was, or it is free again. */
  startedBefore(idempotency: IdempotencyClaim): Promise<OperationStartedBefore | undefined>;
  get(operationId: string): Promise<Operation | undefined>;
  /** @throws InvalidQueryError for a cursor that this store did not make */
  list(query: { readonly limit: number; readonly cursor?: string | undefined }): Promise<OperationPage>;
  /** Stops it, if it is running; what it has done stays done. The answer: as it is then. */
  stop(operationId: string): Promise<Operation | undefined>;
  /**
   * Takes one step of a running operation whose pace allows it, and commits it together with how far it has come: up to
   * `limit` tasks, a retry the oldest first and a cancel the newest. `undefined` if there is nothing to do now. However
   * many ask at once, and whatever dies, no task is done twice.
   */
  advance(limit: number): Promise<OperationStep | undefined>;
}
