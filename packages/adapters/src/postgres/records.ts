import { findJsonProblem, type InsertOutcome, type NewTask, type TaskRecords } from '@navette/domain';
import { createInsertKeyedTasks, isKeyed, keyedRecord, keyOf } from './insert-keyed-tasks.ts';
import { createInsertTasks } from './insert-tasks.ts';
import { prepare, sizeOf } from './prepared.ts';
import { createQueueSummaries } from './queue-summaries.ts';
import { createQueueWaits } from './queue-waits.ts';
import { createReadTasks } from './read-tasks.ts';
import { createSearchTasks } from './search-tasks.ts';
import { verdictOf } from './sql-errors.ts';
import type { StoreParts } from './store-parts.ts';
import { isUuid, newTaskRecord } from './task-row.ts';

/** Makes the role `records`. */
export function createTaskRecords({
  quick,
  patient,
  db,
  pinnedDb,
  schema,
  keepKeysMs,
  group,
  quickMs,
}: StoreParts): TaskRecords {
  const insert = group({
    write: createInsertTasks(quick, schema),
    keyOf: ({ of }) => of.id,
    bytesOf: sizeOf,
    deadlineMs: quickMs,
  });
  // Apart from the others: somebody's open transaction may hold a key.
  const insertKeyed = group({
    write: createInsertKeyedTasks(quick, schema, keepKeysMs),
    keyOf: ({ of }) => keyOf(of),
    sorted: true,
    bytesOf: sizeOf,
    deadlineMs: quickMs,
  });
  const read = group({ write: createReadTasks(quick, schema), deadlineMs: quickMs });

  const insertOne = async (task: NewTask): Promise<InsertOutcome> => {
    const detail = whyUnstorable(task);
    if (detail !== undefined) return { kind: 'refused', detail };
    try {
      return await (isKeyed(task)
        ? insertKeyed(prepare(task, keyedRecord(task)))
        : insert(prepare(task, newTaskRecord(task))));
    } catch (error) {
      if (verdictOf(error) !== 'refused') throw error;
      return { kind: 'refused', detail: 'cannot be stored' };
    }
  };

  return {
    insert: (tasks) => Promise.all(tasks.map(insertOne)),
    get: async (taskId) => (isUuid(taskId) ? read(taskId) : undefined),
    search: createSearchTasks(pinnedDb, db),
    queues: createQueueSummaries(db, schema),
    waiting: createQueueWaits(patient, schema),
  };
}

function whyUnstorable({ payload, tags }: NewTask): string | undefined {
  const inPayload = findJsonProblem(payload);
  if (inPayload) return inPayload.pointer ? `at ${inPayload.pointer} ${inPayload.detail}` : inPayload.detail;
  const inTags = findJsonProblem(tags);
  return inTags && `in its tags ${inTags.detail}`;
}
