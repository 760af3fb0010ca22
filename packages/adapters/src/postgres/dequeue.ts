import { type Claimant, type ClaimedAttempt, priorities } from '@navette/domain';
import type { BoundedPool } from './bounded-pool.ts';
import { started, unexpired } from './claim-attempts.ts';
import { type Statement, statement } from './statement.ts';
import { type ClaimedRow, claimedOfRow, dequeuedColumns } from './task-row.ts';

// One level of priority after the other, and no row is locked that the limit leaves out: a level's rows are read only
// as they are taken. Rows that others hold are passed over, so nobody ever waits.
function dequeueStatement(schema: string): Statement {
  return statement(
    schema,
    'dequeue',
    `
with free as materialized (
  select t.id
  from unnest($5::bigint[]) with ordinality as level(passed, place)
  cross join lateral (
    select t.id from $schema.tasks t
    where t.queue = $1 and t.state = 'queued' and t.priority = (level.place - 1)::smallint
      and t.ready_seq > level.passed and t.type = any($3::text[]) and ${unexpired}
    order by t.ready_seq
    for update of t skip locked
  ) t
  where not exists (select from $schema.queues q where q.name = $1 and q.paused)
  limit $4
), granted as (
  update $schema.tasks t set ${started('$2')}
  from free f where t.id = f.id
  returning ${dequeuedColumns}, t.ready_seq
)
select * from granted order by priority, ready_seq`,
  );
}

type DequeuedRow = Omit<ClaimedRow, 'worker' | 'queue'> & { readonly ready_seq: string };

/** How far one consumer has come in its queue: for each level of priority the place of the last task it claimed. */
interface Passage {
  readonly passed: bigint[];
  readonly startedAt: number;
}

/** A busy consumer looks at the front of its queue this often, ms, for what was committed late or held by others. */
const restartEveryMs = 250;

/**
 * Makes the write that claims up to `limit` tasks of a queue: by priority, then by their entry into `queued`.
 *
 * What has left the queue stays in its index until the next vacuum, a long way to go at each fetch. So a consumer that
 * finds all it asks for goes on from where it has come; whenever it does not, it has begun at the front.
 */
export function createDequeue(pool: BoundedPool, schema: string) {
  const dequeue = dequeueStatement(schema);
  const passages = new Map<string, Passage>();

  const claimFrom = async ({ passed }: Passage, { worker, types }: Claimant, queue: string, limit: number) => {
    // Never run twice: what a lost answer had claimed is found by the lease.
    const rows = await pool.run<DequeuedRow>(dequeue, [queue, worker, types, limit, passed]);
    for (const { priority, ready_seq } of rows) passed[priority] = BigInt(ready_seq);
    const own = { worker, queue };
    return rows.map((row) => claimedOfRow(row, own));
  };

  return async (claimant: Claimant, queue: string, limit: number): Promise<ClaimedAttempt[]> => {
    const consumer = `${claimant.worker} ${queue}`;
    const known = passages.get(consumer);
    const passage = known && performance.now() - known.startedAt < restartEveryMs ? known : passageFromFront();
    const claimed = await claimFrom(passage, claimant, queue, limit);
    if (claimed.length === limit) {
      passages.set(consumer, passage);
      return claimed;
    }
    passages.delete(consumer);
    if (passage !== known) return claimed;
    return [...claimed, ...(await claimFrom(passageFromFront(), claimant, queue, limit - claimed.length))];
  };
}

function passageFromFront(): Passage {
  return { passed: priorities.map(() => 0n), startedAt: performance.now() };
}
