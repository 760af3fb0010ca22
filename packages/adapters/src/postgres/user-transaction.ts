import { CompiledQuery } from 'kysely';

/** Runs one statement in somebody's transaction; its rows have one column, `row`. */
export type RunInTransaction = (text: string, values: readonly unknown[]) => Promise<readonly { row: string }[]>;

/** What is used of a Kysely transaction, of whatever version. */
interface KyselyTransaction {
  readonly isTransaction: true;
  withoutPlugins(): { executeQuery(query: CompiledQuery): Promise<{ rows: unknown[] }> };
}

/** What is used of a `pg` client. */
interface PgClient {
  query(text: string, values: readonly unknown[]): Promise<{ rows: unknown[] }>;
  getTransactionStatus(): string | null;
}

/**
 * How to run statements in a transaction of Kysely, or of a `pg` client that has begun one. The statements are not
 * prepared under a name: the connection is somebody else's, and a pooler may stand before it.
 * @throws TypeError for anything else: what is inserted outside of a transaction would not be rolled back with it
 */
export function runnerOf(transaction: object): RunInTransaction {
  if (isKyselyTransaction(transaction)) {
    const plain = transaction.withoutPlugins();
    return async (text, values) =>
      (await plain.executeQuery(CompiledQuery.raw(text, [...values]))).rows as { row: string }[];
  }
  if (isPgClient(transaction)) {
    // `T`: in a transaction; `E`: in a failed one, where PostgreSQL itself says what is wrong.
    const status = transaction.getTransactionStatus();
    if (status === 'T' || status === 'E') {
      return async (text, values) => (await transaction.query(text, values)).rows as { row: string }[];
    }
    throw new TypeError('within() was given a pg client that has not begun a transaction');
  }
  throw new TypeError('within() takes a Kysely transaction, or a pg client that has begun a transaction');
}

function isKyselyTransaction(value: object): value is KyselyTransaction {
  return 'isTransaction' in value && value.isTransaction === true && 'withoutPlugins' in value;
}

function isPgClient(value: object): value is PgClient {
  return 'query' in value && 'getTransactionStatus' in value && typeof value.getTransactionStatus === 'function';
}
