import type { Kysely } from 'kysely';
import type { BoundedPool } from './bounded-pool.ts';
import type { Database } from './database.ts';
import type { GroupCommitOptions } from './group-commit.ts';

/** What the roles of the store are made of. */
export interface StoreParts {
  readonly schema: string;
  /** For what somebody waits for: answers within {@link quickMs} or fails. Its plans are pinned. */
  readonly quick: BoundedPool;
  readonly quickMs: number;
  /** For the work of workers and stewards, within {@link patientMs}. Its plans are pinned. */
  readonly patient: BoundedPool;
  readonly patientMs: number;
  /** For queries made to measure; PostgreSQL chooses their plans. */
  readonly db: Kysely<Database>;
  /** The same with pinned plans. */
  readonly pinnedDb: Kysely<Database>;
  /** For searches; what takes too long is ended. */
  readonly searchDb: Kysely<Database>;
  /** An idempotency key holds this long, and its task is kept at least as long, ms. */
  readonly keepKeysMs: number;
  /** Makes a group of writes or reads; answers what submits to it. */
  group<Item, Answer>(options: GroupOptions<Item, Answer>): (item: Item) => Promise<Answer>;
}

/** The part of a group that differs from role to role. */
export type GroupOptions<Item, Answer> = Pick<
  GroupCommitOptions<Item, Answer>,
  'write' | 'keyOf' | 'sorted' | 'bytesOf' | 'maxBytes' | 'deadlineMs'
> & {
  /** One batch at a time, where their order matters. */
  readonly serial?: boolean | undefined;
};
