import type { TaskStore } from '@navette/domain';

/** A store that the contract is run against. */
export interface StoreUnderTest {
  /** Empty: no task, no worker, no pause, no broker mark. */
  readonly store: TaskStore;
  /** The store's present time. */
  now(): Date;
  /**
   * Lets that much time (ms) pass for the store. A manual clock is moved; a database is made to believe it by moving
   * every time it has stored (due times, leases, submissions, ends, hand-overs) back by as much.
   */
  advance(ms: number): Promise<void>;
  /** Begins a transaction of the store's database that is not the store's own. */
  begin(): Promise<TransactionUnderTest>;
  /** Closes the store and frees what it stood on. */
  close(): Promise<void>;
}

/** Opens a store that shares nothing with any other; called once per test. */
export type OpenStore = () => Promise<StoreUnderTest>;

/** Somebody's transaction. */
export interface TransactionUnderTest {
  /** What is given to the store. */
  readonly handle: object;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}
