import { type Kysely, sql } from 'kysely';
import type { Database } from './database.ts';

/** Makes the step that deletes finished mass actions whose idempotency key holds no longer; how many. They are few: no index. */
export function createPruneOperations(db: Kysely<Database>, keepKeysMs: number) {
  return async (limit: number, olderThanMs: number): Promise<number> => {
    const ago = (ms: number) => sql<Date>`now() - ${ms} * interval '1 ms'`;
    const gone = db
      .selectFrom('operations')
      .select('id')
      .where('finished_at', '<=', ago(olderThanMs))
      .where((is) => is.or([is('key', 'is', null), is('created_at', '<=', ago(keepKeysMs))]))
      .limit(limit)
      .forUpdate()
      .skipLocked();
    const { numDeletedRows } = await db.deleteFrom('operations').where('id', 'in', gone).executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  };
}
