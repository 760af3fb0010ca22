import { QueryTooBroadError, type TaskFilter, type TaskPage, type TaskQuery } from '@navette/domain';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { readCursor, writeCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { isStatementTimeout } from './sql-errors.ts';
import { isPlace, pageOfTasks } from './task-pages.ts';
import { type TaskRow, taskColumns, taskOfRow } from './task-row.ts';

/**
 * Makes the search, newest first. It reads the rows of the page alone. Where PostgreSQL ends a statement that takes too
 * long, the search is too broad.
 */
export function createSearchTasks(db: Kysely<Database>, schema: string) {
  const tasks = sql.raw(`${schema}.tasks`);
  return async (query: TaskQuery): Promise<TaskPage> => {
    const place = query.cursor === undefined ? undefined : readCursor('tasks', query.cursor, isPlace);
    const { limit, offset } = query;
    const page = pageOfTasks({ tasks, filter: query, order: 'newest', place, offset, limit: limit + 1 });
    if (!page) return { items: [], nextCursor: null };
    const { rows } = await sql<TaskRow>`
      select ${columnsOf(query)} from (${page}) page join ${tasks} t on t.id = page.id
      order by page.submitted_at desc, page.id desc`
      .execute(db)
      .catch((error: unknown) => rethrow(error, query));
    return pageOf(rows, limit);
  };
}

/** @throws QueryTooBroadError for a statement that took too long, else the error itself */
export function rethrow(error: unknown, query: TaskFilter & Pick<TaskQuery, 'offset'>): never {
  if (isStatementTimeout(error)) throw new QueryTooBroadError(adviceFor(query), { cause: error });
  throw error;
}

function columnsOf({ bare = false }: TaskQuery): RawBuilder<unknown> {
  const isLeftOut = (column: string) => bare && (column === 'payload' || column === 'result');
  return sql.raw(taskColumns.map((column) => (isLeftOut(column) ? `null as ${column}` : `t.${column}`)).join(', '));
}

function pageOf(rows: readonly TaskRow[], limit: number): TaskPage {
  const items = rows.slice(0, limit).map(taskOfRow);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last ? writeCursor('tasks', [last.submittedAt.getTime(), last.id]) : null };
}

/** What would narrow a search that took too long. */
function adviceFor(query: TaskFilter & Pick<TaskQuery, 'offset'>): string {
  const { type, tag, submittedAfter, submittedBefore, states, offset = 0 } = query;
  const ways = [
    offset > 0 && 'look at an earlier page',
    !(submittedAfter && submittedBefore) && 'say when the tasks were submitted (submittedAfter, submittedBefore)',
    type === undefined && 'name the type',
    tag === undefined && 'name a tag',
    !states && 'name the states',
  ];
  return `the search took too long and was ended; to narrow it, ${ways.filter(Boolean).join(', or ') || 'shorten the span of time'}`;
}
