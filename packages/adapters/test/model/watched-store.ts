import type { System } from '@navette/domain';
import { createAttempts, dequeue } from '../../src/memory/attempts.ts';
import { createDispatchLedger } from '../../src/memory/dispatch-ledger.ts';
import type { MemoryStore } from '../../src/memory/index.ts';
import type { Table } from '../../src/memory/table.ts';
import { createTaskControl } from '../../src/memory/task-control.ts';
import { createTaskFeed } from '../../src/memory/task-feed.ts';
import { createTaskOperations } from '../../src/memory/task-operations.ts';
import { createTaskRecords } from '../../src/memory/task-records.ts';
import { createTransactions } from '../../src/memory/transactions.ts';
import { createUpkeep } from '../../src/memory/upkeep.ts';

/** The memory store over a table that the test holds too: the witness looks into it, mutants write to it. */
export function createStoreOver(table: Table, system: System, keepKeysMs: number): MemoryStore {
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

/** Is told of a call that has just been carried out: the method's name and what it was given. */
export type Look = (cause: string, args: readonly unknown[]) => void;

/**
 * Puts a look after every call. A call of the memory store is carried out before its promise is returned, so the look
 * sees exactly what this call did and nothing else, as a trigger in a database would.
 */
export function watch(store: MemoryStore, look: Look): MemoryStore {
  const watched = <T extends object>(role: T) =>
    mapMethods(role, (name, method) => (...args) => {
      const answer = method(...args);
      look(name, args);
      return answer;
    });
  const { records, attempts, control, upkeep, ledger } = store;
  return {
    ...store,
    ...watched({ dequeue: store.dequeue }),
    begin: () => {
      const transaction = store.begin();
      const { commit } = transaction;
      return Object.assign(transaction, watched({ commit }));
    },
    records: watched(records),
    attempts: watched(attempts),
    control: watched(control),
    upkeep: watched(upkeep),
    ledger: watched(ledger),
  };
}

/** A method of a role, whatever it takes. */
export type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** A role whose every method is replaced by what is made of it. */
export function mapMethods<T extends object>(role: T, replace: (name: string, method: Method) => Method): T {
  return Object.fromEntries(Object.entries(role).map(([name, method]) => [name, replace(name, method)])) as T;
}
