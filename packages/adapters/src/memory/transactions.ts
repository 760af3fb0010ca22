import type { CommittedTask, Transactions } from '@navette/domain';
import { createInserts, placeOf, type Stage, stageBefore } from './insert-tasks.ts';
import type { Table } from './table.ts';

/** A transaction of the memory store. It holds no locks: a key that is taken meanwhile makes its commit fail. */
export interface MemoryTransaction {
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** Makes the role `transactions`, and what begins one. */
export function createTransactions(
  table: Table,
  keepKeysMs: number,
): { readonly transactions: Transactions; readonly begin: () => MemoryTransaction } {
  const open = new WeakMap<object, Stage>();
  const listeners = new Set<(tasks: readonly CommittedTask[]) => void>();
  return {
    begin: () => {
      const stage = stageBefore(placeOf(table, keepKeysMs));
      const transaction: MemoryTransaction = {
        commit: async () => {
          open.delete(transaction);
          const tasks = stage.commit();
          for (const listener of listeners) listener(tasks);
        },
        rollback: async () => {
          open.delete(transaction);
          stage.drop();
        },
      };
      open.set(transaction, stage);
      return transaction;
    },
    transactions: {
      within: (transaction) => {
        const stage = open.get(transaction);
        if (!stage) throw new TypeError('within() takes an open transaction of the memory store');
        return createInserts(stage, table.now);
      },
      onCommitted: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
  };
}
