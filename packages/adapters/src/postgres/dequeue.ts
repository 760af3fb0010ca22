import { type Claimant, type ClaimedAttempt, priorities } from '@navette/domain';
import type { BoundedPool } from './bounded-pool.ts';
import { started, unexpired } from './claim-attempts.ts';
import { type ClaimedRow, claimedOfRow, dequeuedColumns } from './claimed-row.ts';
import { foundBy, type Statement, statement } from './statement.ts';

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
  from free f where ${foundBy('t.id', 'f.id')}
  returning ${dequeuedColumns}, t.ready_seq
)
select * from granted order by priority, ready_seq`,
  );
}

type DequeuedRow = Omit<ClaimedRow, 'worker' | 'queue'> & { readonly ready_seq: string };

// The last place of each level, and whether there are many tasks, all in all, of other types.
function lookAheadStatement(schema: string): Statement {
  return statement(
    schema,
    'look_ahead',
    `
select array(
  select coalesce((
    select t.ready_seq from $schema.tasks t
    where t.queue = $1 and t.state = 'queued' and t.priority = level::smallint
    order by t.ready_seq desc limit 1
  ), 0)
  from generate_series(0, ${priorities.length - 1}) as level order by level
) as last, (
  select count(*) = $3::integer from (
    select from $schema.tasks t where t.queue = $1 and t.state = 'queued' and t.type <> all($2::text[]) limit $3::integer
  ) other
) as many`,
  );
}

/** How far one consumer has come in its queue: for each level of priority the place up to which it has looked. */
interface Passage {
  readonly passed: bigint[];
  /** When to begin at the front again, on the clock of `performance.now()`. */
  readonly restartAt: number;
  /** Whether the way from the front is a long one, past tasks that the consumer must leave to others. */
  readonly isLong: boolean;
}

/** A busy consumer looks at the front of its queue this often, ms, for what was committed late or held by others. */
const restartEveryMs = 250;
/** One whose way from the front is long begins there only after so many times what that takes. */
const longWayRest = 20;

/**
 * Makes the write that claims up to `limit` tasks of a queue: by priority, then by their entry into `queued`.
 *
 * What has left the queue stays in its index until the next vacuum, a long way to go at each fetch. So a consumer that
 * finds all it asks for goes on from where it has come; whenever it does not, it has begun at the front.
 *
 * Unless a great many tasks of types that it does not know make that a long way: then it goes on from their end, and
 * what was committed late or held by others waits until it begins at the front again.
 * @param long so many tasks of other types, and such a time for the look from the front, are a long way
 */
export function createDequeue(pool: BoundedPool, schema: string, long = { tasks: 10_000, ms: 25 }) {
  const dequeue = dequeueStatement(schema);
  const lookAhead = lookAheadStatement(schema);
  const passages = new Map<string, Passage>();
  /** Consumers whose last look from the front took long. */
  const slow = new Set<string>();

  const claimFrom = async ({ passed }: Passage, { worker, types }: Claimant, queue: string, limit: number) => {
    // Never run twice: what a lost answer had claimed is found by the lease.
    const rows = await pool.run<DequeuedRow>(dequeue, [queue, worker, types, limit, passed]);
    for (const { priority, ready_seq } of rows) passed[priority] = BigInt(ready_seq);
    const own = { worker, queue };
    return rows.map((row) => claimedOfRow(row, own));
  };

  /** The last places, if the way there is a long one. */
  const endOfLongWay = async ({ types }: Claimant, queue: string): Promise<bigint[] | undefined> => {
    interface Row {
      readonly last: readonly string[];
      readonly many: boolean;
    }
    const [row] = await pool.run<Row>(lookAhead, [queue, types, long.tasks]);
    return row?.many ? row.last.map(BigInt) : undefined;
  };

  const claimFromFront = async (claimant: Claimant, queue: string, limit: number) => {
    const consumer = consumerOf(claimant, queue);
    // Before the look, which then has seen all up to there.
    const end = slow.has(consumer) ? await endOfLongWay(claimant, queue) : undefined;
    const startedAt = performance.now();
    const passage = { passed: priorities.map(() => 0n), restartAt: startedAt + restartEveryMs, isLong: false };
    const claimed = await claimFrom(passage, claimant, queue, limit);
    const tookMs = performance.now() - startedAt;
    if (claimed.length === limit) {
      passages.set(consumer, passage);
      return claimed;
    }
    passages.delete(consumer);
    slow.delete(consumer);
    if (tookMs > long.ms) {
      slow.add(consumer);
      const restartAt = performance.now() + longWayRest * tookMs;
      if (end) passages.set(consumer, { passed: end, restartAt, isLong: true });
    }
    return claimed;
  };

  return async (claimant: Claimant, queue: string, limit: number): Promise<ClaimedAttempt[]> => {
    const passage = passages.get(consumerOf(claimant, queue));
    if (!passage || performance.now() >= passage.restartAt) return claimFromFront(claimant, queue, limit);
    const claimed = await claimFrom(passage, claimant, queue, limit);
    if (claimed.length === limit || passage.isLong) return claimed;
    try {
      return [...claimed, ...(await claimFromFront(claimant, queue, limit - claimed.length))];
    } catch (error) {
      // What is claimed already runs; the next fetch meets the same error.
      if (claimed.length === 0) throw error;
      return claimed;
    }
  };
}

function consumerOf({ worker }: Claimant, queue: string): string {
  return `${worker} ${queue}`;
}
