import type { InsertOutcome, NewTask, TaskRecords } from '@navette/domain';
import { whyUnstorable } from '../unstorable-task.ts';
import { createCountTasks } from './count-tasks.ts';
import { createInsertAll, undoingInTransaction } from './insert-all-tasks.ts';
import { createInsertAnyTasks, createInsertSteps, isKeyed, keyOf, prepareTask } from './insert-any-tasks.ts';
import { createInsertMany } from './insert-many.ts';
import { createInsertTasks } from './insert-tasks.ts';
import { sizeOf } from './prepared.ts';
import { createQueueSummaries } from './queue-summaries.ts';
import { createQueueWaits } from './queue-waits.ts';
import { createReadTasks } from './read-tasks.ts';
import { createSearchTasks } from './search-tasks.ts';
import { shareReads } from './shared-reads.ts';
import { verdictOf } from './sql-errors.ts';
import type { StoreParts } from './store-parts.ts';
import { isUuid } from './uuid.ts';

/** Makes the role `records`. */
export function createTaskRecords(parts: StoreParts): TaskRecords {
  const { quick, patient, searchDb, schema, keepKeysMs, group, quickMs } = parts;
  const steps = createInsertSteps(quick.runTwice, schema, keepKeysMs);
  const insertPlain = group({
    write: createInsertTasks(quick, schema),
    keyOf: ({ of }) => of.id,
    bytesOf: sizeOf,
    deadlineMs: quickMs,
  });
  // Apart from the others: somebody's open transaction may hold a key.
  const insertKeyed = group({
    write: createInsertAnyTasks(steps),
    keyOf: ({ of }) => (isKeyed(of) ? keyOf(of) : of.id),
    sorted: true,
    bytesOf: sizeOf,
    deadlineMs: quickMs,
  });
  const read = shareReads(createReadTasks(quick, schema), (write) => group({ write, deadlineMs: quickMs }));

  const insertOne = async (task: NewTask): Promise<InsertOutcome> => {
    const detail = whyUnstorable(task);
    if (detail !== undefined) return { kind: 'refused', detail };
    try {
      return await (isKeyed(task) ? insertKeyed : insertPlain)(prepareTask(task));
    } catch (error) {
      if (verdictOf(error) !== 'refused') throw error;
      return { kind: 'refused', detail: 'cannot be stored' };
    }
  };
  const insertMany = createInsertMany(parts, steps, insertOne);

  return {
    insert: async (tasks) => (tasks.length === 1 ? [await insertOne(tasks[0] as NewTask)] : insertMany(tasks)),
    insertAll: createInsertAll(undoingInTransaction(parts)),
    get: async (taskId) => (isUuid(taskId) ? read(taskId) : undefined),
    search: createSearchTasks(searchDb, schema),
    count: createCountTasks(searchDb, schema),
    queues: createQueueSummaries(parts),
    waiting: createQueueWaits(patient, schema),
  };
}
