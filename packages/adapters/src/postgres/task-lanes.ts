import type { TaskFilter } from '@navette/domain';
import { type RawBuilder, sql } from 'kysely';
import { allOf, isOfPart, type Part } from './task-filter.ts';

/**
 * SQL for the relation `lane(state, queue, type)`: the lanes of a part in which a filter can find something. Their names
 * are found by jumping from one to the next in the index: two looks per lane, however many tasks there are.
 */
export function lanesOf(tasks: RawBuilder<unknown>, part: Part, { queue, type }: TaskFilter): RawBuilder<unknown> {
  const states = sql`unnest(${part.states}::text[]) as asked(state)`;
  if (queue !== undefined && type !== undefined) {
    return sql`(select asked.state, ${queue}::text as queue, ${type}::text as type from ${states}) lane`;
  }
  return sql`(
    with recursive lane(state, queue, type) as (
      select first.* from ${states} cross join lateral (
        select t.state, t.queue, t.type from ${tasks} t
        where ${isOfPart(part)} and t.state = asked.state
        order by t.queue, t.type limit 1
      ) first
      union all
      select next.* from lane cross join lateral (
        select t.state, t.queue, t.type from ${tasks} t
        where ${isOfPart(part)} and t.state = lane.state and (t.queue, t.type) > (lane.queue, lane.type)
        order by t.queue, t.type limit 1
      ) next
    )
    select * from lane
    where ${allOf([queue !== undefined && sql`queue = ${queue}`, type !== undefined && sql`type = ${type}`])}
  ) lane`;
}
