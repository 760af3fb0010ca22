import type { Task } from '../task.ts';
import type { TaskInserts } from './task-records.ts';

/** A task of somebody's transaction that has been committed. */
export type CommittedTask = Pick<Task, 'id' | 'state' | 'queue' | 'priority' | 'dispatch'>;

/** Lets new tasks be part of transactions that are not the store's own. */
export interface Transactions {
  /**
   * Inserts in a transaction of the store's database: the tasks are there once it commits, and never were if it is rolled
   * back. Where the store is the queue, the commit wakes its workers. The inserts throw what the transaction's connection
   * throws, as it is.
   * @throws TypeError for what is no open transaction of a kind that the store knows
   */
  within(transaction: object): TaskInserts;
  /**
   * Calls back soon after a transaction has committed with the tasks that were inserted in it through this store object.
   * May miss some: a broker apart from the store gets those from the steward. The answer ends it.
   */
  onCommitted(listener: (tasks: readonly CommittedTask[]) => void): () => void;
}
