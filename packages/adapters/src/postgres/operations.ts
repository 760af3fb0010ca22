import type {
  IdempotencyClaim,
  NewOperation,
  Operation,
  OperationOutcome,
  OperationStartedBefore,
  TaskOperations,
} from '@navette/domain';
import { type Kysely, type Selectable, sql } from 'kysely';
import { createAdvanceOperation } from './advance-operation.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { Database, OperationsTable } from './database.ts';
import { filterOfJson } from './operation-filter.ts';
import type { StoreParts } from './store-parts.ts';
import { isPlace } from './task-pages.ts';
import { isUuid } from './uuid.ts';

/** Makes the role `operations`. */
export function createTaskOperations(parts: StoreParts): TaskOperations {
  const { db, keepKeysMs } = parts;
  const get = async (operationId: string): Promise<Operation | undefined> => {
    if (!isUuid(operationId)) return undefined;
    const row = await db.selectFrom('operations').selectAll().where('id', '=', operationId).executeTakeFirst();
    return row && operationOfRow(row);
  };
  return {
    create: (operation) => create(db, operation, keepKeysMs),
    startedBefore: (idempotency) => startedBefore(db, idempotency, keepKeysMs),
    get,
    list: async ({ limit, cursor }) => {
      let query = db.selectFrom('operations').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc');
      if (cursor !== undefined) {
        const [ms, id] = readCursor('operations', cursor, isPlace);
        query = query.where(sql<boolean>`(created_at, id) < (${new Date(ms)}, ${id}::uuid)`);
      }
      const rows = await query.limit(limit + 1).execute();
      const items = rows.slice(0, limit).map(operationOfRow);
      const last = rows.length > limit ? items.at(-1) : undefined;
      return { items, nextCursor: last ? writeCursor('operations', [last.createdAt.getTime(), last.id]) : null };
    },
    stop: async (operationId) => {
      if (!isUuid(operationId)) return undefined;
      // Waits for a step that is under way.
      const row = await db
        .updateTable('operations')
        .set({ state: 'stopped', finished_at: sql<Date>`now()` })
        .where('id', '=', operationId)
        .where('state', '=', 'running')
        .returningAll()
        .executeTakeFirst();
      return row ? operationOfRow(row) : get(operationId);
    },
    advance: createAdvanceOperation(parts),
  };
}

/** Frees a key that no longer holds: its operation stays, without it. */
async function freeOldKey(db: Kysely<Database>, { scope, key }: IdempotencyClaim, keepKeysMs: number): Promise<void> {
  await db
    .updateTable('operations')
    .set({ key_scope: null, key: null, fingerprint: null })
    .where('key_scope', '=', scope)
    .where('key', '=', key)
    .where('created_at', '<=', sql<Date>`now() - ${keepKeysMs} * interval '1 ms'`)
    .execute();
}

async function create(db: Kysely<Database>, given: NewOperation, keepKeysMs: number): Promise<OperationOutcome> {
  const { id, action, filter, total, perSecond, idempotency } = given;
  if (idempotency) await freeOldKey(db, idempotency, keepKeysMs);
  const created = await db
    .insertInto('operations')
    .values({
      id,
      action,
      filter: JSON.stringify(filter),
      state: 'running',
      total: String(total),
      per_second: perSecond,
      paced_at: sql<Date>`now()`,
      created_at: sql<Date>`now()`,
      key_scope: idempotency?.scope ?? null,
      key: idempotency?.key ?? null,
      fingerprint: idempotency?.fingerprint ?? null,
    })
    .onConflict((conflict) => conflict.columns(['key_scope', 'key']).doNothing())
    .returningAll()
    .executeTakeFirst();
  if (created) return { kind: 'created', operation: operationOfRow(created) };
  const before = idempotency && (await startedBefore(db, idempotency, keepKeysMs));
  // Its key had just come to its end, or it was pruned.
  return before ?? create(db, given, keepKeysMs);
}

async function startedBefore(
  db: Kysely<Database>,
  { scope, key, fingerprint }: IdempotencyClaim,
  keepKeysMs: number,
): Promise<OperationStartedBefore | undefined> {
  const before = await db
    .selectFrom('operations')
    .selectAll()
    .where('key_scope', '=', scope)
    .where('key', '=', key)
    .where('created_at', '>', sql<Date>`now() - ${keepKeysMs} * interval '1 ms'`)
    .executeTakeFirst();
  if (!before) return undefined;
  if (before.fingerprint !== fingerprint) return { kind: 'keyReused', operationId: before.id };
  return { kind: 'replayed', operation: operationOfRow(before) };
}

function operationOfRow(row: Selectable<OperationsTable>): Operation {
  return {
    id: row.id,
    action: row.action,
    filter: filterOfJson(row.filter),
    state: row.state,
    total: Number(row.total),
    done: Number(row.done),
    failed: Number(row.failed),
    failures: row.failures,
    perSecond: row.per_second,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}
