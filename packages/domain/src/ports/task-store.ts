import type { Attempts } from './attempts.ts';
import type { DispatchLedger } from './dispatch-ledger.ts';
import type { TaskControl } from './task-control.ts';
import type { TaskFeed } from './task-feed.ts';
import type { TaskOperations } from './task-operations.ts';
import type { TaskRecords } from './task-records.ts';
import type { Transactions } from './transactions.ts';
import type { Upkeep } from './upkeep.ts';

/** The record of everything, by its roles. Each role is a port of its own; a use case asks only for what it needs. */
export interface TaskStore {
  readonly records: TaskRecords;
  readonly transactions: Transactions;
  readonly attempts: Attempts;
  readonly control: TaskControl;
  readonly upkeep: Upkeep;
  readonly ledger: DispatchLedger;
  readonly feed: TaskFeed;
  readonly operations: TaskOperations;
  /** Whether it answers now. */
  healthy(): Promise<boolean>;
  close(): Promise<void>;
  /** Housekeeping that a store without its own (embedded PostgreSQL) wants now and then. */
  vacuum?(): Promise<void>;
  /**
   * Counts up to so many more of the tasks that have ended, for a store whose `queues` would be slow without; how many.
   */
  tally?(limit: number): Promise<number>;
  /**
   * Compares those counts with what is there, where that is due again, and corrects them. It may take minutes, and resolves
   * early when the store closes.
   */
  recount?(): Promise<void>;
}
