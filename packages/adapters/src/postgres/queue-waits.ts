import type { QueueWait } from '@navette/domain';
import type { BoundedPool } from './bounded-pool.ts';
import { unexpired } from './claim-attempts.ts';
import { statement } from './statement.ts';

// Within a priority the first is the oldest: each queue costs five looks at the index.
const waitsText = `
with running as materialized (
  select r.queue, count(*)::integer as tasks from $schema.tasks r
  where r.state = 'running' and r.queue = any($1::text[]) group by r.queue
)
select q.name as queue, extract(epoch from now() - min(first.queued_at)) * 1000 as waited_ms,
  (array_agg(first.ready_seq order by level))[1] as next,
  coalesce((select r.tasks from running r where r.queue = q.name), 0) as running
from unnest($1::text[]) as q(name)
cross join generate_series(0, 4) as level
cross join lateral (
  select t.queued_at, t.ready_seq from $schema.tasks t
  where t.queue = q.name and t.state = 'queued' and t.priority = level::smallint
    and t.type = any($2::text[]) and ${unexpired}
  order by t.ready_seq limit 1
) first
where not exists (select from $schema.queues p where p.name = q.name and p.paused)
group by q.name`;

interface WaitRow {
  readonly queue: string;
  readonly waited_ms: string;
  readonly next: string;
  readonly running: number;
}

/** Makes the look at how long work waits, by queue. */
export function createQueueWaits(pool: BoundedPool, schema: string) {
  const waits = statement(schema, 'queue_waits', waitsText);
  return async (queues: readonly string[], types: readonly string[]): Promise<QueueWait[]> => {
    const rows = await pool.run<WaitRow>(waits, [queues, types]);
    return rows.map(({ waited_ms, ...wait }) => ({ ...wait, waitedMs: Math.max(0, Math.round(Number(waited_ms))) }));
  };
}
