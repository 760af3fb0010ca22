import type { TaskFilter } from '@navette/domain';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database.ts';
import { rethrow } from './search-tasks.ts';
import { allOf, endsIn, hasTag, isAskedFor, isOfPart, partsOf } from './task-filter.ts';
import { isStorable } from './task-pages.ts';

/** To count takes longer than to find a page, and is asked for before something that takes much longer, ms. */
const countWithinMs = 4_000;

/** Makes the count of the tasks that a filter finds. */
export function createCountTasks(db: Kysely<Database>, schema: string) {
  return async (filter: TaskFilter): Promise<number> => {
    const parts = isStorable(filter) ? partsOf(filter) : [];
    const counts = parts.map((part) => {
      const conditions = [isOfPart(part, filter), isAskedFor(filter), hasTag(filter), endsIn(filter)];
      return sql`select count(*) as found from ${sql.raw(schema)}.tasks t where ${allOf(conditions)}`;
    });
    if (counts.length === 0) return 0;
    return db.transaction().execute(async (transaction) => {
      await sql`select set_config('statement_timeout', ${String(countWithinMs)}, true)`.execute(transaction);
      const { rows } = await sql<{ found: string }>`
        select sum(found) as found from (${sql.join(counts, sql` union all `)}) part`
        .execute(transaction)
        .catch((error: unknown) => rethrow(error, filter));
      return Number(rows[0]?.found ?? 0);
    });
  };
}
