import { findJsonProblem, type TaskFilter, terminalStates } from '@navette/domain';
import { type RawBuilder, sql } from 'kysely';
import { allOf, endsIn, hasEndRange, hasTag, isAskedFor, isOfPart, type Part, partsOf } from './task-filter.ts';
import { lanesOf } from './task-lanes.ts';
import { isUuid } from './uuid.ts';

/** A place in the order of submission. */
export type Place = readonly [submittedMs: number, id: string];

/** Which page of which tasks. */
export interface PageOfTasks {
  readonly tasks: RawBuilder<unknown>;
  readonly filter: TaskFilter;
  /** Which submission comes first. */
  readonly order: 'newest' | 'oldest';
  /** Where it starts: behind this place; `undefined`: at the first. */
  readonly place: Place | undefined;
  /** How many tasks to skip, then; default 0. */
  readonly offset?: number | undefined;
  /** How many tasks to find, at most. */
  readonly limit: number;
}

/** The page, and the part of the tasks in which it is looked for. */
interface PartOfPage extends PageOfTasks {
  readonly part: Part;
}

/** So few tasks are gathered and sorted; more are met along the way. */
const few = 2_000;

/**
 * SQL of the relation `(id, submitted_at)` of the first tasks that a filter finds, in order; `undefined` where it can
 * find none. It reads along indexes that hold them in this order, and each read ends after as many as are asked for.
 */
export function pageOfTasks(asked: PageOfTasks): RawBuilder<unknown> | undefined {
  const parts = isStorable(asked.filter) ? partsOf(asked.filter) : [];
  if (parts.length === 0) return undefined;
  const { offset = 0, limit } = asked;
  const pages = parts.map((part) => sql`(${pageOfPart({ ...asked, part, limit: offset + limit })})`);
  return sql`select * from (${sql.join(pages, sql` union all `)}) t ${inOrder(asked)} offset ${offset} limit ${limit}`;
}

/** Whether what it asks for can be stored at all; if not, it is found nowhere. */
export function isStorable({ type, queue, tag, errorCode }: TaskFilter): boolean {
  return !findJsonProblem([type, queue, tag, errorCode].filter((text) => text !== undefined));
}

function pageOfPart(asked: PartOfPage): RawBuilder<unknown> {
  const { part, filter } = asked;
  const { tag, errorCode, type, queue } = filter;
  // Codes have an index of their own, so have the tags of what has ended, and all that runs. What is rare is best
  // gathered, what is frequent met along the way: PostgreSQL knows which it is.
  if (errorCode !== undefined || (tag !== undefined && part.name === 'ended')) return pageAlong(asked);
  if (part.name === 'running') return pageAlong(asked);
  if (part.name === 'waiting') {
    return tag === undefined ? pageOfLanes(asked) : pageOfFewOr(hasTag(filter), pageOfLanes(asked), asked);
  }
  const isAnyLane = type === undefined && queue === undefined && part.states.length === terminalStates.length;
  const page = isAnyLane ? pageAlong(asked) : pageOfLanes(asked);
  return hasEndRange(filter) ? pageOfFewOr(sql`${endsIn(filter)} order by t.finished_at`, page, asked) : page;
}

function pageAlong(asked: PartOfPage): RawBuilder<unknown> {
  const { tasks, part, filter, limit } = asked;
  return sql`
    select t.id, t.submitted_at from ${tasks} t
    where ${allOf([isOfPart(part, filter), isAskedFor(filter), hasTag(filter), endsIn(filter), isBehind(asked)])}
    ${inOrder(asked)} limit ${limit}`;
}

function pageOfLanes(asked: PartOfPage): RawBuilder<unknown> {
  const { tasks, part, filter, limit } = asked;
  // In a lane these three are what they are.
  const within = { ...filter, states: undefined, queue: undefined, type: undefined };
  return sql`
    select found.* from ${lanesOf(tasks, part, filter)} cross join lateral (
      select t.id, t.submitted_at from ${tasks} t
      where t.state = lane.state and t.queue = lane.queue and t.type = lane.type
        and ${allOf([isOfPart(part), isAskedFor(within), hasTag(filter), endsIn(filter), isBehind(asked)])}
      ${inOrder(asked)} limit ${limit}
    ) found`;
}

/** Gathers the tasks of a condition that has an index of its own; where they are not few it is the page. */
function pageOfFewOr(
  condition: RawBuilder<unknown>,
  page: RawBuilder<unknown>,
  asked: PartOfPage,
): RawBuilder<unknown> {
  const { tasks, part, filter } = asked;
  return sql`
    with few as materialized (
      select t.id, t.submitted_at, t.state, t.queue, t.type from ${tasks} t
      where ${isOfPart(part)} and ${condition} limit ${few + 1}
    ), gathered(too_many) as materialized (
      select count(*) > ${few} from few
    )
    select t.id, t.submitted_at from few t
    where not (select too_many from gathered) and ${allOf([isAskedFor(filter), isBehind(asked)])}
    union all
    select page.id, page.submitted_at from (${page}) page where (select too_many from gathered)`;
}

function isBehind({ place, order }: PageOfTasks): RawBuilder<boolean> | undefined {
  const side = sql.raw(order === 'newest' ? '<' : '>');
  return place && sql`(t.submitted_at, t.id) ${side} (${new Date(place[0])}, ${place[1]}::uuid)`;
}

function inOrder({ order }: PageOfTasks): RawBuilder<unknown> {
  return sql.raw(order === 'newest' ? 'order by t.submitted_at desc, t.id desc' : 'order by t.submitted_at, t.id');
}

const latestMs = 8.64e15;

/** Whether these are the parts of a place. */
export function isPlace(parts: readonly unknown[]): parts is Place {
  const [submittedMs, id] = parts;
  return (
    parts.length === 2 &&
    Number.isInteger(submittedMs) &&
    Math.abs(submittedMs as number) <= latestMs &&
    typeof id === 'string' &&
    isUuid(id)
  );
}
