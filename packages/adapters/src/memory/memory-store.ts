import type { Claimant, ClaimedAttempt, System, TaskStore } from '@navette/domain';
import { createAttempts, dequeue } from './attempts.ts';
import { createDispatchLedger } from './dispatch-ledger.ts';
import { createTable } from './table.ts';
import { createTaskControl } from './task-control.ts';
import { createTaskFeed } from './task-feed.ts';
import { createTaskOperations } from './task-operations.ts';
import { createTaskRecords } from './task-records.ts';
import { createTransactions, type MemoryTransaction } from './transactions.ts';
import { createUpkeep } from './upkeep.ts';

/** What a memory store is made with. */
export interface MemoryStoreOptions {
  /** Whose clock judges due times and leases. */
  readonly system: System;
  /** An idempotency key holds this long, and its task at least as long, ms; default 7 days. */
  readonly keepKeysMs?: number | undefined;
}

/** A store that forgets everything when the process ends, and a queue besides. */
export interface MemoryStore extends TaskStore {
  readonly system: System;
  /** Begins a transaction, for tests of code that submits within one of its own. */
  begin(): MemoryTransaction;
  /** Claims up to `limit` queued tasks of one queue: by priority, then by their entry into `queued`. */
  dequeue(claimant: Claimant, queue: string, limit: number): Promise<ClaimedAttempt[]>;
}

const weekMs = 7 * 24 * 60 * 60 * 1000;

/**
 * Makes a store for tests. It behaves like the PostgreSQL store: passes the same contract, refuses what cannot be
 * stored, keeps JSON and not the objects it was given, and hands out copies. Searching and dequeuing read every row.
 */
export function createMemoryStore({ system, keepKeysMs = weekMs }: MemoryStoreOptions): MemoryStore {
  const table = createTable(system);
  return {
    system,
    records: createTaskRecords(table, keepKeysMs),
    ...createTransactions(table, keepKeysMs),
    attempts: createAttempts(table),
    control: createTaskControl(table),
    upkeep: createUpkeep(table, keepKeysMs),
    ledger: createDispatchLedger(table),
    feed: createTaskFeed(table),
    operations: createTaskOperations(table, keepKeysMs),
    dequeue: async (claimant, queue, limit) => dequeue(table, claimant, queue, limit),
    healthy: async () => true,
    close: async () => {},
  };
}
