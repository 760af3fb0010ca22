import type { AttemptRef, Attempts, LogLine, LogPage, LogQuery } from '@navette/domain';
import type { Kysely } from 'kysely';
import { createLogNotes, createProgressNotes } from './attempt-notes.ts';
import { createClaimAttempts } from './claim-attempts.ts';
import { completionOf, completionSize, createCompleteAttempts } from './complete-attempts.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { sizeOf } from './prepared.ts';
import { createSettleAttempts, settlingOf, storable } from './settle-attempts.ts';
import type { StoreParts } from './store-parts.ts';
import { isUuid } from './uuid.ts';

/** Makes the role `attempts`. */
export function createAttempts({ patient, patientMs: deadlineMs, db, schema, group }: StoreParts): Attempts {
  const claim = group({
    write: createClaimAttempts(patient, schema),
    keyOf: ({ taskId }) => taskId,
    sorted: true,
    deadlineMs,
  });
  const complete = group({
    write: createCompleteAttempts(patient, schema),
    keyOf: ({ ref }) => ref.taskId,
    sorted: true,
    bytesOf: completionSize,
    deadlineMs,
  });
  const settle = group({
    write: createSettleAttempts(patient, schema),
    keyOf: ({ of }) => of.taskId,
    sorted: true,
    bytesOf: sizeOf,
    deadlineMs,
  });
  const progress = group({
    write: createProgressNotes(patient, schema),
    keyOf: ({ ref }) => ref.taskId,
    sorted: true,
    deadlineMs,
  });
  const log = group({ write: createLogNotes(patient, schema), serial: true, deadlineMs });

  return {
    claim: async (claimant, taskId, dispatch) =>
      isUuid(taskId) ? claim({ claimant, taskId, dispatch }) : { kind: 'superseded' },
    settle: (ref, settlement) => {
      if (!isPossible(ref)) return Promise.resolve({ kind: 'superseded' });
      const asked = storable(settlement);
      return asked.outcome === 'completed' ? complete(completionOf(ref, asked.result)) : settle(settlingOf(ref, asked));
    },
    progress: async (ref, value) => isPossible(ref) && progress({ ref, value }),
    log: async (ref, messages) => isPossible(ref) && log({ ref, messages }),
    logs: (taskId, query) => readLog(db, taskId, query),
  };
}

function isPossible({ taskId, attempt, worker }: AttemptRef): boolean {
  return isUuid(taskId) && Number.isInteger(attempt) && isUuid(worker);
}

async function readLog(
  db: Kysely<Database>,
  taskId: string,
  { limit, cursor, after: start = 0 }: LogQuery,
): Promise<LogPage> {
  const [after] = cursor === undefined ? [start] : readCursor('log', cursor, isPlace);
  if (!isUuid(taskId)) return { items: [], nextCursor: null };
  const rows = await db
    .selectFrom('task_logs')
    .select(['seq', 'attempt', 'at', 'message'])
    .where('task_id', '=', taskId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit + 1)
    .execute();
  const items: LogLine[] = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last ? writeCursor('log', [last.seq]) : null };
}

function isPlace(parts: readonly unknown[]): parts is readonly [seq: number] {
  const [seq] = parts;
  return parts.length === 1 && Number.isInteger(seq) && Math.abs(seq as number) < 2 ** 31;
}
