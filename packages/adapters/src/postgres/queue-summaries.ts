import { type QueueSummary, type TaskState, taskStates } from '@navette/domain';
import { statement } from './statement.ts';
import type { StoreParts } from './store-parts.ts';
import { isWaiting } from './task-filter.ts';

interface SummaryRow {
  readonly queue: string;
  readonly paused: boolean;
  readonly counts: Partial<Record<TaskState, number>>;
  readonly oldest_queued_at: Date | null;
}

// What has ended is counted by tallies.ts but for the last seconds. Each part reads the index that holds just its rows;
// the order of the recent ones serves to name theirs. Within a priority the first of a queue is its oldest, so no queue
// is read through for that.
const summariesText = `
with recent as materialized (
  select t.queue, t.state from $schema.tasks t
  where t.finished_at > (select ended_until from $schema.tally_marks where id = 1)
  order by t.finished_at
), counted as materialized (
  select queue, state, sum(tasks) as tasks from (
    select queue, state, tasks from $schema.tallies
    union all
    select queue, state, count(*) from recent group by queue, state
    union all
    select t.queue, t.state, count(*) from $schema.tasks t where ${isWaiting} group by t.queue, t.state
    union all
    select t.queue, t.state, count(*) from $schema.tasks t where t.state = 'running' group by t.queue, t.state
  ) part
  group by queue, state having sum(tasks) > 0
), names(queue) as (
  select queue from counted union select name from $schema.queues where paused
)
select n.queue,
  exists (select from $schema.queues q where q.name = n.queue and q.paused) as paused,
  coalesce((select json_object_agg(c.state, c.tasks) from counted c where c.queue = n.queue), '{}') as counts,
  (
    select min(first.queued_at) from generate_series(0, 4) level, lateral (
      select t.queued_at from $schema.tasks t
      where t.queue = n.queue and t.state = 'queued' and t.priority = level::smallint
      order by t.ready_seq limit 1
    ) first
  ) as oldest_queued_at
from names n`;

/** Makes the summary of all queues, by name. A page of the board asks for it many times at once: those share an answer. */
export function createQueueSummaries({ patient, patientMs, schema, group }: StoreParts) {
  const summaries = statement(schema, 'queue_summaries', summariesText);
  const read = async (): Promise<QueueSummary[]> => {
    const rows = await patient.run<SummaryRow>(summaries, []);
    return rows.sort(byQueue).map(({ queue, paused, counts, oldest_queued_at }) => ({
      queue,
      paused,
      counts: Object.fromEntries(taskStates.map((state) => [state, counts[state] ?? 0])) as Record<TaskState, number>,
      oldestQueuedAt: oldest_queued_at,
    }));
  };
  const shared = group({
    write: async (asked: readonly undefined[]) => {
      const answer = await read();
      return asked.map(() => answer);
    },
    deadlineMs: patientMs,
    serial: true,
  });
  return () => shared(undefined);
}

function byQueue(a: SummaryRow, b: SummaryRow): number {
  return a.queue < b.queue ? -1 : 1;
}
