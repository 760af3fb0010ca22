import {
  findJsonProblem,
  isTerminal,
  type TaskPage,
  type TaskQuery,
  type TaskState,
  terminalStates,
} from '@navette/domain';
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { readCursor, writeCursor } from './cursor.ts';
import type { Database, TasksTable } from './database.ts';
import { isUuid, type TaskRow, taskColumns, taskOfRow } from './task-row.ts';

type Place = readonly [submittedMs: number, id: string];
type Query = SelectQueryBuilder<Database, 'tasks', TaskRow>;

/**
 * Makes the search, newest first. It reads branch by branch (such as one per state) and merges them: each branch stops
 * after a page, along an index that holds it in this order.
 *
 * @param pinned goes along such an index even while PostgreSQL does not know the table well enough to see that it pays
 * @param planned for searches where another way may be shorter
 */
export function createSearchTasks(pinned: Kysely<Database>, planned: Kysely<Database>) {
  return async (query: TaskQuery): Promise<TaskPage> => {
    const db = isAlongIndex(query) ? pinned : planned;
    const place = query.cursor === undefined ? undefined : readCursor('tasks', query.cursor, isPlace);
    // What cannot be stored is found nowhere.
    if (findJsonProblem([query.type, query.queue, query.tag, query.errorCode].filter((x) => x !== undefined))) {
      return { items: [], nextCursor: null };
    }
    const { limit, offset = 0 } = query;
    const branches = branchesOf(query).map((branch) => {
      const page = newest(filtered(db, branch, query, place)).limit(offset + limit + 1);
      return db.selectFrom(page.as('tasks')).selectAll() as unknown as Query;
    });
    const [first, ...others] = branches;
    if (!first) return { items: [], nextCursor: null };
    const merged = others.reduce<Query>((all, other) => all.unionAll(other) as Query, first);
    const rows = await newest(db.selectFrom(merged.as('tasks')).selectAll() as unknown as Query)
      .offset(offset)
      .limit(limit + 1)
      .execute();
    return pageOf(rows, limit);
  };
}

/** A part of the tasks that one index holds in order. */
type Branch = TaskState | 'open' | 'ended';

function branchesOf({ states, type, errorCode }: TaskQuery): readonly Branch[] {
  if (states) return [...new Set(states)];
  // The indexes by type and by error go through all ended states; the others hold one after the other.
  return ['open', ...(type !== undefined || errorCode !== undefined ? (['ended'] as const) : terminalStates)];
}

function isAlongIndex({ states, tag, finishedAfter, finishedBefore }: TaskQuery): boolean {
  const ended = states === undefined || states.every(isTerminal);
  return ended && tag === undefined && finishedAfter === undefined && finishedBefore === undefined;
}

function filtered(db: Kysely<Database>, branch: Branch, query: TaskQuery, place: Place | undefined): Query {
  let tasks: Query = db.selectFrom('tasks').select(taskColumns);
  // Literally, and with what it implies: a partial index is considered only where its condition can be seen.
  if (branch !== 'open' && branch !== 'ended') tasks = tasks.where('state', '=', sql.lit(branch));
  const ended = branch === 'ended' || (branch !== 'open' && isTerminal(branch));
  tasks = tasks.where('finished_at', ended ? 'is not' : 'is', null);
  if (query.type !== undefined) tasks = tasks.where('type', '=', query.type);
  if (query.queue !== undefined) tasks = tasks.where('queue', '=', query.queue);
  if (query.errorCode !== undefined) tasks = tasks.where('error_code', '=', query.errorCode);
  if (query.tag !== undefined) {
    tasks = tasks.where('tags', '@>', sql<string[]>`array[${query.tag}]::text[]`).where(sql<boolean>`tags <> '{}'`);
  }
  tasks = between(tasks, 'submitted_at', query.submittedAfter, query.submittedBefore);
  tasks = between(tasks, 'finished_at', query.finishedAfter, query.finishedBefore);
  if (!place) return tasks;
  const [submittedMs, id] = place;
  return tasks.where(sql<boolean>`(submitted_at, id) < (${new Date(submittedMs)}, ${id}::uuid)`);
}

function between(
  tasks: Query,
  column: 'submitted_at' | 'finished_at',
  after: Date | undefined,
  before: Date | undefined,
): Query {
  let narrowed = tasks;
  if (after !== undefined) narrowed = narrowed.where(column, '>=', after);
  if (before !== undefined) narrowed = narrowed.where(column, '<', before);
  return narrowed;
}

function newest(tasks: Query): Query {
  return tasks.orderBy('submitted_at', 'desc').orderBy('id' satisfies keyof TasksTable, 'desc');
}

function pageOf(rows: readonly TaskRow[], limit: number): TaskPage {
  const items = rows.slice(0, limit).map(taskOfRow);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last ? writeCursor('tasks', [last.submittedAt.getTime(), last.id]) : null };
}

const latestMs = 8.64e15;

function isPlace(parts: readonly unknown[]): parts is Place {
  const [submittedMs, id] = parts;
  return (
    parts.length === 2 &&
    Number.isInteger(submittedMs) &&
    Math.abs(submittedMs as number) <= latestMs &&
    typeof id === 'string' &&
    isUuid(id)
  );
}
