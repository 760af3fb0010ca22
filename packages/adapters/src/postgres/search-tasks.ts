import {
  findJsonProblem,
  QueryTooBroadError,
  type TaskFilter,
  type TaskPage,
  type TaskQuery,
  terminalStates,
} from '@navette/domain';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { readCursor, writeCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { isStatementTimeout } from './sql-errors.ts';
import { allOf, endsIn, hasEndRange, hasTag, isAskedFor, isOfPart, type Part, partsOf } from './task-filter.ts';
import { lanesOf } from './task-lanes.ts';
import { isUuid, type TaskRow, taskColumns, taskOfRow } from './task-row.ts';

type Place = readonly [submittedMs: number, id: string];

/** So few tasks are gathered and sorted; more are met along the way. */
const few = 2_000;

/**
 * Makes the search, newest first. It reads ids and moments of submission along indexes that hold them in this order,
 * each read ending after a page, and then the rows of the page alone. Where PostgreSQL ends a statement that takes too
 * long, the search is too broad.
 */
export function createSearchTasks(db: Kysely<Database>, schema: string) {
  const tasks = sql.raw(`${schema}.tasks`);
  return async (query: TaskQuery): Promise<TaskPage> => {
    const place = query.cursor === undefined ? undefined : readCursor('tasks', query.cursor, isPlace);
    const parts = isStorable(query) ? partsOf(query) : [];
    if (parts.length === 0) return { items: [], nextCursor: null };
    const { limit, offset = 0 } = query;
    const count = offset + limit + 1;
    const pages = parts.map((part) => sql`(${pageOfPart({ tasks, part, query, place, count })})`);
    const statement = sql<TaskRow>`
      select ${columnsOf(query)} from (
        select * from (${sql.join(pages, sql` union all `)}) t
        order by t.submitted_at desc, t.id desc offset ${offset} limit ${limit + 1}
      ) page join ${tasks} t on t.id = page.id
      order by page.submitted_at desc, page.id desc`;
    try {
      return pageOf((await statement.execute(db)).rows, limit);
    } catch (error) {
      if (isStatementTimeout(error)) throw new QueryTooBroadError(adviceFor(query), { cause: error });
      throw error;
    }
  };
}

/** Whether what it asks for can be stored at all; if not, it is found nowhere. */
function isStorable({ type, queue, tag, errorCode }: TaskFilter): boolean {
  return !findJsonProblem([type, queue, tag, errorCode].filter((text) => text !== undefined));
}

interface PartQuery {
  readonly tasks: RawBuilder<unknown>;
  readonly part: Part;
  readonly query: TaskQuery;
  readonly place: Place | undefined;
  /** How many tasks to find, at most. */
  readonly count: number;
}

function pageOfPart(asked: PartQuery): RawBuilder<unknown> {
  const { part, query } = asked;
  const { tag, errorCode, type, queue } = query;
  // Codes have an index of their own, and so have the tags of what has ended. What is rare is best gathered, what is
  // frequent met along the way: PostgreSQL knows which it is.
  if (errorCode !== undefined || (tag !== undefined && part.name === 'ended')) return pageOfTasks(asked);
  if (part.name === 'waiting') return pageOfFewOr(hasTag(query), pageOfLanes(asked), asked);
  if (part.name !== 'ended') return pageOfLanes(asked);
  const isAnyLane = type === undefined && queue === undefined && part.states.length === terminalStates.length;
  const page = isAnyLane ? pageOfTasks(asked) : pageOfLanes(asked);
  return hasEndRange(query) ? pageOfFewOr(sql`${endsIn(query)} order by t.finished_at`, page, asked) : page;
}

function pageOfTasks({ tasks, part, query, place, count }: PartQuery): RawBuilder<unknown> {
  return sql`
    select t.id, t.submitted_at from ${tasks} t
    where ${allOf([isOfPart(part), isAskedFor(part, query), hasTag(query), endsIn(query), isAfter(place)])}
    order by t.submitted_at desc, t.id desc limit ${count}`;
}

function pageOfLanes({ tasks, part, query, place, count }: PartQuery): RawBuilder<unknown> {
  // In a lane these three are what they are.
  const within = { ...query, states: undefined, queue: undefined, type: undefined };
  return sql`
    select found.* from ${lanesOf(tasks, part, query)} cross join lateral (
      select t.id, t.submitted_at from ${tasks} t
      where t.state = lane.state and t.queue = lane.queue and t.type = lane.type
        and ${allOf([isOfPart(part), isAskedFor(part, within), hasTag(query), endsIn(query), isAfter(place)])}
      order by t.submitted_at desc, t.id desc limit ${count}
    ) found`;
}

/** Gathers the tasks of a condition that has an index of its own; where they are not few it is the page. */
function pageOfFewOr(
  condition: RawBuilder<unknown>,
  page: RawBuilder<unknown>,
  { tasks, part, query, place }: PartQuery,
): RawBuilder<unknown> {
  return sql`
    with few as materialized (
      select t.id, t.submitted_at, t.state, t.queue, t.type from ${tasks} t
      where ${isOfPart(part)} and ${condition} limit ${few + 1}
    ), gathered(too_many) as materialized (
      select count(*) > ${few} from few
    )
    select t.id, t.submitted_at from few t
    where not (select too_many from gathered) and ${allOf([isAskedFor(part, query), isAfter(place)])}
    union all
    select page.id, page.submitted_at from (${page}) page where (select too_many from gathered)`;
}

function isAfter(place: Place | undefined): RawBuilder<boolean> | undefined {
  return place && sql`(t.submitted_at, t.id) < (${new Date(place[0])}, ${place[1]}::uuid)`;
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
function adviceFor({ tag, submittedAfter, submittedBefore, states, offset = 0 }: TaskQuery): string {
  const ways = [
    offset > 0 && 'look at an earlier page',
    !(submittedAfter && submittedBefore) && 'say when the tasks were submitted (submittedAfter, submittedBefore)',
    tag === undefined && 'name a tag',
    !states && 'name the states',
  ];
  return `the search took too long and was ended; to narrow it, ${ways.filter(Boolean).join(', or ') || 'shorten the span of time'}`;
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
