import {
  type Attempt,
  matchesFilter,
  type QueueSummary,
  type QueueWait,
  type TaskPage,
  type TaskQuery,
  type TaskRecords,
  type TaskState,
  type TaskWithAttempts,
  taskStates,
} from '@navette/domain';
import { readCursor, writeCursor } from './cursor.ts';
import { createInserts, placeOf } from './insert-tasks.ts';
import { byTurn, copyOf, isPast, type KeptAttempt, type Row, rowsIn, type Table } from './table.ts';

/** Makes the role `records` over a table; an idempotency key older than `keepKeysMs` is free again. */
export function createTaskRecords(table: Table, keepKeysMs: number): TaskRecords {
  return {
    ...createInserts(placeOf(table, keepKeysMs), table.now),
    get: async (taskId) => {
      const row = table.rows.get(taskId);
      return row && withAttempts(table, row);
    },
    search: async (query) => search(table, query),
    count: async (filter) => [...table.rows.values()].filter((row) => matchesFilter(row.task, filter)).length,
    queues: async () => summarize(table),
    waiting: async (queues, types) => queues.flatMap((queue) => waitIn(table, queue, types)),
  };
}

/** A copy of a row's task, with its attempts. */
export function withAttempts(table: Table, row: Row): TaskWithAttempts {
  return { ...copyOf(row), attempts: row.attempts.map((attempt) => withName(table, attempt)) };
}

function withName(table: Table, attempt: KeptAttempt): Attempt {
  return { ...structuredClone(attempt), workerName: table.leases.get(attempt.worker)?.info.name ?? null };
}

function waitIn(table: Table, queue: string, types: readonly string[]): QueueWait[] {
  if (table.paused.has(queue)) return [];
  const waiting = rowsIn(table, 'queued').filter(
    ({ task }) => task.queue === queue && types.includes(task.type) && !isPast(task.expiresAt, table.now()),
  );
  const [first] = waiting.sort(byTurn);
  if (!first) return [];
  const waits = waiting.map((row) => table.now().getTime() - (row.queuedAt?.getTime() ?? 0));
  const running = rowsIn(table, 'running').filter(({ task }) => task.queue === queue).length;
  return [{ queue, waitedMs: Math.max(...waits), next: String(first.readySeq), running }];
}

function search(table: Table, query: TaskQuery): TaskPage {
  const found = [...table.rows.values()].filter((row) => matchesFilter(row.task, query)).sort(newestFirst);
  const start = (query.cursor === undefined ? 0 : placeAfter(found, query.cursor)) + (query.offset ?? 0);
  const end = start + query.limit;
  const last = found[end - 1];
  return {
    items: found
      .slice(start, end)
      .map((row) => ({ ...copyOf(row), ...(query.bare && { payload: null, result: null }) })),
    nextCursor:
      last && found.length > end ? writeCursor('tasks', [last.task.submittedAt.getTime(), last.task.id]) : null,
  };
}

/** The order of a search. */
export function newestFirst({ task: a }: Row, { task: b }: Row): number {
  return b.submittedAt.getTime() - a.submittedAt.getTime() || (a.id < b.id ? 1 : -1);
}

/** How many of the found stand before the place that a cursor names, that place included. */
function placeAfter(found: readonly Row[], cursor: string): number {
  const [at, id] = readCursor('tasks', cursor, [0, '']);
  const next = found.findIndex(({ task }) => {
    const submittedAt = task.submittedAt.getTime();
    return submittedAt < at || (submittedAt === at && task.id < id);
  });
  return next === -1 ? found.length : next;
}

function summarize(table: Table): QueueSummary[] {
  const rows = [...table.rows.values()];
  const names = new Set([...rows.map((row) => row.task.queue), ...table.paused]);
  return [...names].sort().map((queue) => {
    const own = rows.filter((row) => row.task.queue === queue);
    const counts = Object.fromEntries(taskStates.map((state) => [state, 0])) as Record<TaskState, number>;
    for (const row of own) counts[row.task.state]++;
    const waitingSince = own.flatMap((row) => (row.task.state === 'queued' && row.queuedAt ? [+row.queuedAt] : []));
    const oldestQueuedAt = waitingSince.length > 0 ? new Date(Math.min(...waitingSince)) : null;
    return { queue, paused: table.paused.has(queue), counts, oldestQueuedAt };
  });
}
