import type { BoundedPool } from './bounded-pool.ts';
import { foundBy, statement } from './statement.ts';
import { heldMarkText, subtractedText } from './tallies.ts';

// A page of what has finished, oldest first, and of that what no idempotency key protects.
const pruneText = `
with ${heldMarkText}, page as materialized (
  select id, finished_at from $schema.tasks
  where finished_at >= $2::timestamptz and finished_at <= now() - $3 * interval '1 ms'
  order by finished_at limit $4
), gone as materialized (
  select t.id, t.queue, t.state, t.finished_at from page p join $schema.tasks t on ${foundBy('t.id', 'p.id')}
  where t.finished_at <= now() - $3 * interval '1 ms'
    and not exists (
      select from $schema.idempotency_keys k where k.task_id = t.id and k.created_at > now() - $5 * interval '1 ms'
    )
  limit $1
  for update of t skip locked
), without_keys as (
  delete from $schema.idempotency_keys k using gone where ${foundBy('k.task_id', 'gone.id')}
), without_attempts as (
  delete from $schema.attempts a using gone where ${foundBy('a.task_id', 'gone.id')}
), without_logs as (
  delete from $schema.task_logs l using gone where ${foundBy('l.task_id', 'gone.id')}
), pruned as (
  delete from $schema.tasks t using gone where ${foundBy('t.id', 'gone.id')}
), ${subtractedText}
select (select count(*)::integer from gone) as pruned, (select count(*)::integer from page) as seen,
  (select max(finished_at) from page) as seen_up_to`;

interface PrunedRow {
  readonly pruned: number;
  readonly seen: number;
  readonly seen_up_to: Date | null;
}

/** A statement looks at this many times as many rows as it may delete. */
const looksPerRow = 10;
/** Statements in one step. */
const pagesAtMost = 20;

/**
 * Makes the step that deletes finished tasks and what belongs to them; how many.
 *
 * Once a task has been finished for as long as a key holds, no key can protect it. Among those that are younger the
 * protected ones may be many, and stand in the way of the others: so the place is remembered up to which all have been
 * looked at.
 */
export function createPruneTasks(pool: BoundedPool, schema: string, keepKeysMs: number) {
  const prune = statement(schema, 'prune', pruneText);
  let lookedUpTo: Date | '-infinity' = '-infinity';

  const prunePage = async (limit: number, from: Date | '-infinity', olderThanMs: number, size: number) => {
    const [row] = await pool.run<PrunedRow>(prune, [limit, from, olderThanMs, size, keepKeysMs]);
    if (!row) throw new Error('a statement that always answers one row answered none');
    return row;
  };

  /** Goes on from the place where it has come; several tasks may have finished in that very millisecond. */
  const pruneOnward = async (limit: number, olderThanMs: number): Promise<number> => {
    const pageSize = limit * looksPerRow;
    let left = limit;
    for (let pages = 0; pages < pagesAtMost; pages++) {
      const { pruned, seen, seen_up_to: reached } = await prunePage(left, lookedUpTo, olderThanMs, pageSize);
      left -= pruned;
      // Of a page that was not finished the rest is looked at again.
      if (left === 0 || reached === null) break;
      const full = seen === pageSize;
      const stuck = full && lookedUpTo !== '-infinity' && reached.getTime() === lookedUpTo.getTime();
      lookedUpTo = stuck ? new Date(reached.getTime() + 1) : reached;
      if (!full) break;
    }
    return limit - left;
  };

  return async (limit: number, olderThanMs: number): Promise<number> => {
    const { pruned } = await prunePage(limit, '-infinity', Math.max(olderThanMs, keepKeysMs), limit);
    if (pruned === limit || olderThanMs >= keepKeysMs) return pruned;
    return pruned + (await pruneOnward(limit - pruned, olderThanMs));
  };
}
