import { type QueueSummary, type TaskState, taskStates } from '@navette/domain';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database.ts';

interface SummaryRow {
  readonly queue: string;
  readonly paused: boolean;
  readonly counts: Partial<Record<TaskState, number>>;
  readonly oldest_queued_at: Date | null;
}

/**
 * Makes the summary of all queues. Each part reads the index that holds just its rows; within a priority the first of a
 * queue is its oldest, so no queue is read through for that.
 */
export function createQueueSummaries(db: Kysely<Database>, schema: string) {
  const s = sql.raw(schema);
  return async (): Promise<QueueSummary[]> => {
    const { rows } = await sql<SummaryRow>`
      with counted(queue, state, tasks) as (
        select queue, state, count(*) from ${s}.tasks where finished_at is not null group by 1, 2
        union all
        select queue, state, count(*) from ${s}.tasks where state = 'queued' group by 1, 2
        union all
        select queue, state, count(*) from ${s}.tasks where state = 'running' group by 1, 2
        union all
        select queue, state, count(*) from ${s}.tasks where state in ('scheduled', 'retrying') group by 1, 2
      ), names(queue) as (
        select queue from counted union select name from ${s}.queues where paused
      )
      select n.queue,
        exists (select from ${s}.queues q where q.name = n.queue and q.paused) as paused,
        coalesce((select json_object_agg(c.state, c.tasks) from counted c where c.queue = n.queue), '{}') as counts,
        (
          select min(first.queued_at) from generate_series(0, 4) level, lateral (
            select t.queued_at from ${s}.tasks t
            where t.queue = n.queue and t.state = 'queued' and t.priority = level
            order by t.ready_seq limit 1
          ) first
        ) as oldest_queued_at
      from names n order by n.queue`.execute(db);
    return rows.map(({ queue, paused, counts, oldest_queued_at }) => ({
      queue,
      paused,
      counts: Object.fromEntries(taskStates.map((state) => [state, counts[state] ?? 0])) as Record<TaskState, number>,
      oldestQueuedAt: oldest_queued_at,
    }));
  };
}
