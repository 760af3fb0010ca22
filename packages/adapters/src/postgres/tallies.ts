import { type Kysely, sql } from 'kysely';
import type { Database } from './database.ts';

/*
 * To count a million ended tasks takes a good part of a second, so they are counted once: the sums of `tallies` are the
 * numbers of tasks whose `finished_at` is not after the mark `tally_marks.ended_until`, and whoever asks adds those that
 * ended since. It stays true because
 * - the mark moves only to where every statement that ends tasks has committed;
 * - whoever takes an ended task away, by a retry or by pruning, holds the mark, and subtracts the task if it was counted.
 * What this cannot know, such as rows deleted by hand, a check of everything mends now and then.
 */

/** SQL of a CTE that holds the mark until the transaction ends. */
export const heldMarkText = 'mark as materialized (select ended_until from $schema.tally_marks where id = 1 for share)';

/** SQL of a CTE that subtracts the tasks of a CTE `gone(queue, state, finished_at)`, which are as they were. */
export const subtractedText = `
subtracted as (
  insert into $schema.tallies (queue, state, tasks)
  select g.queue, g.state, -count(*) from gone g, mark where g.finished_at <= mark.ended_until
  group by g.queue, g.state
)`;

/** No statement that ends tasks takes longer; a transaction that somebody leaves open must not stop the count, ms. */
const longestWriteMs = 60_000;
/** Between a transaction's moment and its appearance among those that are under way, ms. */
const slackMs = 1_000;
const checkEveryMs = 3_600_000;
/** More parts of sums than this are added up though nothing has ended: pruning alone makes many. */
const maxParts = 500;

/** What counting needs. */
export interface TallyParts {
  readonly schema: string;
  /** With pinned plans. */
  readonly pinnedDb: Kysely<Database>;
  /** For what reads everything, and nobody waits for: until the store closes. */
  readonly endlessDb: Kysely<Database>;
  /** Is raised when the store closes. */
  readonly closing: AbortSignal;
}

/** Makes the count of what has ended, and its comparison with what is there. */
export function createTally({ schema, pinnedDb, endlessDb, closing }: TallyParts) {
  const s = sql.raw(schema);

  const tally = (limit: number): Promise<number> =>
    pinnedDb.transaction().execute(async (transaction) => {
      // By a statement of its own: the next one sees all that was committed before this one got the lock.
      const { rows: held } = await sql`select from ${s}.tally_marks where id = 1 for update skip locked`.execute(
        transaction,
      );
      if (held.length === 0) return 0;
      const { rows } = await sql<{ counted: number }>`
        with page as materialized (
          select t.queue, t.state, t.finished_at from ${s}.tasks t
          where t.finished_at > (select ended_until from ${s}.tally_marks where id = 1)
            and t.finished_at < (
              select least(now() - ${slackMs} * interval '1 ms', greatest(
                min(a.xact_start), now() - ${longestWriteMs} * interval '1 ms'
              ))
              from pg_stat_activity a
              where a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
            )
          order by t.finished_at fetch first (${limit}) rows with ties
        ), moved as (
          update ${s}.tally_marks set ended_until = (select max(finished_at) from page) where exists (select from page)
        ), former as (
          delete from ${s}.tallies
          where exists (select from page) or (select count(*) > ${maxParts} from ${s}.tallies)
          returning queue, state, tasks
        ), summed as (
          insert into ${s}.tallies (queue, state, tasks)
          select queue, state, sum(tasks) from (
            select queue, state, tasks from former
            union all
            select queue, state, count(*) from page group by queue, state
          ) part
          group by queue, state having sum(tasks) <> 0
        )
        select count(*)::integer as counted from page`.execute(transaction);
      return rows[0]?.counted ?? 0;
    });

  /** Compares the sums with what is there, at one moment, and adds the difference. */
  const compare = () =>
    sql`
      insert into ${s}.tallies (queue, state, tasks)
      select queue, state, sum(tasks) from (
        select t.queue, t.state, count(*) as tasks from ${s}.tasks t
        where t.finished_at <= (select ended_until from ${s}.tally_marks where id = 1) group by t.queue, t.state
        union all
        select queue, state, -tasks from ${s}.tallies
      ) part
      group by queue, state having sum(tasks) <> 0`.execute(endlessDb);

  const recount = async (): Promise<void> => {
    const { numAffectedRows: isDue } = await sql`
      update ${s}.tally_marks set checked_at = now() where checked_at <= now() - ${checkEveryMs} * interval '1 ms'
    `.execute(pinnedDb);
    if (!isDue) return;
    try {
      await compare();
    } catch (error) {
      if (!closing.aborted) throw error;
    }
  };

  return { tally, recount };
}
