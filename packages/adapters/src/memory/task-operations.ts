import {
  type IdempotencyClaim,
  type MovedTask,
  matchesFilter,
  type NewOperation,
  type Operation,
  type OperationOutcome,
  type OperationStartedBefore,
  type OperationStep,
  operableFilter,
  type TaskOperations,
} from '@navette/domain';
import { readCursor, writeCursor } from './cursor.ts';
import { dispatchOf, type OperationRow, type Row, type Table } from './table.ts';
import { createMoves } from './task-control.ts';
import { newestFirst } from './task-records.ts';

/** After a pause, work of this time is made up for at most, ms. */
const burstMs = 2_000;

/** Makes the role `operations` over a table; an idempotency key older than `keepKeysMs` is free again. */
export function createTaskOperations(table: Table, keepKeysMs: number): TaskOperations {
  const rowOf = (operationId: string) => table.operations.get(operationId);
  const copyOf = (row: OperationRow): Operation => structuredClone(row.operation);

  const startedBefore = (idempotency: IdempotencyClaim): OperationStartedBefore | undefined => {
    const holds = (row: OperationRow) => table.now().getTime() - row.operation.createdAt.getTime() < keepKeysMs;
    const before = [...table.operations.values()].find((row) => isSameKey(row, idempotency) && holds(row));
    if (!before) return undefined;
    const isSame = before.idempotency?.fingerprint === idempotency.fingerprint;
    return isSame
      ? { kind: 'replayed', operation: copyOf(before) }
      : { kind: 'keyReused', operationId: before.operation.id };
  };

  const create = (given: NewOperation): OperationOutcome => {
    const { idempotency, ...operation } = given;
    const before = idempotency && startedBefore(idempotency);
    if (before) return before;
    const createdAt = table.now();
    const row: OperationRow = {
      operation: { ...operation, state: 'running', done: 0, failed: 0, failures: {}, createdAt, finishedAt: null },
      idempotency,
      place: undefined,
      pacedMs: createdAt.getTime(),
    };
    table.operations.set(given.id, row);
    return { kind: 'created', operation: copyOf(row) };
  };

  const stop = (row: OperationRow): Operation => {
    if (row.operation.state === 'running') {
      row.operation = { ...row.operation, state: 'stopped', finishedAt: table.now() };
    }
    return copyOf(row);
  };

  const list = (limit: number, cursor: string | undefined) => {
    const all = [...table.operations.values()].sort((a, b) => (isBefore(a, b) ? 1 : -1));
    const [ms, id] = cursor === undefined ? [] : readCursor('operations', cursor, [0, '']);
    const start = id === undefined ? 0 : all.findIndex((row) => isBeforePlace(row, ms ?? 0, id));
    const items = start < 0 ? [] : all.slice(start, start + limit).map(copyOf);
    const last = start >= 0 && all.length > start + limit ? items.at(-1) : undefined;
    return { items, nextCursor: last ? writeCursor('operations', [last.createdAt.getTime(), last.id]) : null };
  };

  const allowance = ({ operation, pacedMs }: OperationRow): number => {
    const now = table.now().getTime();
    return Math.floor(((now - Math.max(pacedMs, now - burstMs)) * operation.perSecond) / 1_000);
  };

  /** The next tasks of an operation: of those that are there since before it, a retry's oldest, a cancel's newest. */
  const pageOf = ({ operation, place }: OperationRow, limit: number): Row[] => {
    const { action, createdAt } = operation;
    const filter = operableFilter(action, operation.filter);
    const sign = action === 'retry' ? -1 : 1;
    const follows = ({ task }: Row) => !place || sign * compare(task.submittedAt.getTime(), task.id, place) < 0;
    return [...table.rows.values()]
      .filter((row) => row.task.submittedAt <= createdAt && matchesFilter(row.task, filter) && follows(row))
      .sort((a, b) => sign * newestFirst(a, b))
      .slice(0, limit);
  };

  const moves = createMoves(table);
  const advance = (limit: number): OperationStep | undefined => {
    const row = [...table.operations.values()]
      .filter((each) => each.operation.state === 'running' && allowance(each) > 0)
      .sort((a, b) => a.pacedMs - b.pacedMs)[0];
    if (!row) return undefined;
    const size = Math.min(limit, allowance(row));
    const page = pageOf(row, size);
    const wasAsked = new Set(page.filter(({ task }) => task.cancellation && task.state === 'running'));
    for (const each of page) moves[row.operation.action](each);
    const last = page.at(-1)?.task;
    const now = table.now();
    if (last) row.place = [last.submittedAt.getTime(), last.id];
    row.pacedMs = Math.max(row.pacedMs, now.getTime() - burstMs) + (page.length * 1_000) / row.operation.perSecond;
    row.operation = { ...row.operation, done: row.operation.done + page.length };
    if (page.length < size) row.operation = { ...row.operation, state: 'completed', finishedAt: now };
    return {
      moved: page.filter(({ task }) => task.state !== 'running').map(movedOf),
      cancelRequested: page
        .filter((each) => each.task.state === 'running' && !wasAsked.has(each))
        .map(({ task }) => task.id),
    };
  };

  return {
    create: async (operation) => structuredClone(create(operation)),
    startedBefore: async (idempotency) => startedBefore(idempotency),
    get: async (operationId) => {
      const row = rowOf(operationId);
      return row && copyOf(row);
    },
    list: async ({ limit, cursor }) => list(limit, cursor),
    stop: async (operationId) => {
      const row = rowOf(operationId);
      return row && stop(row);
    },
    advance: async (limit) => advance(limit),
  };
}

function isSameKey({ idempotency }: OperationRow, { scope, key }: { scope: string; key: string }): boolean {
  return idempotency?.scope === scope && idempotency.key === key;
}

function isBefore(a: OperationRow, { operation }: OperationRow): boolean {
  return isBeforePlace(a, operation.createdAt.getTime(), operation.id);
}

function isBeforePlace({ operation }: OperationRow, ms: number, id: string): boolean {
  return compare(operation.createdAt.getTime(), operation.id, [ms, id]) < 0;
}

function compare(ms: number, id: string, [otherMs, otherId]: readonly [number, string]): number {
  return ms - otherMs || (id < otherId ? -1 : id > otherId ? 1 : 0);
}

function movedOf(row: Row): MovedTask {
  const { id, state } = row.task;
  const moved = { taskId: id, state: state as MovedTask['state'] };
  return state === 'queued' ? { ...moved, dispatch: dispatchOf(row) } : moved;
}
