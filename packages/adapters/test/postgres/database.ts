import pg from 'pg';
import { createHotPool, createSearchPool, createSignalClient } from '../../src/postgres/connections.ts';
import { createSignals } from '../../src/postgres/signals.ts';
import { createPostgresStore, type PostgresStore, type PostgresStoreOptions } from '../../src/postgres/store.ts';
import type { StoreUnderTest, TransactionUnderTest } from '../contracts/store-under-test.ts';
import { databaseUrl, freshName } from '../servers.ts';

/** A schema of its own with Navette's tables, for one test file. */
export interface TestDatabase {
  readonly pool: pg.Pool;
  readonly hotPool: pg.Pool;
  readonly searchPool: pg.Pool;
  readonly schema: string;
  createStore(options?: Partial<PostgresStoreOptions>): PostgresStore;
  /** Opens a store on emptied tables, for a contract. */
  openStore(): Promise<StoreUnderTest & { readonly store: PostgresStore }>;
  /** Empties the tables. */
  empty(): Promise<void>;
  /** Drops the schema and ends the pools. */
  drop(): Promise<void>;
}

/** Makes one on PostgreSQL. */
export function openTestDatabase(): Promise<TestDatabase> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  const hotPool = createHotPool(pool, 8);
  const searchPool = createSearchPool(pool, 2);
  return testDatabaseOn({ pool, hotPool, searchPool, embedded: false });
}

/** Makes one on any pools. */
export async function testDatabaseOn(
  parts: Pick<TestDatabase, 'pool' | 'hotPool' | 'searchPool'> & { readonly embedded: boolean },
): Promise<TestDatabase> {
  const schema = freshName();
  const { pool, hotPool, searchPool } = parts;
  const createStore: TestDatabase['createStore'] = (options) => createPostgresStore({ ...parts, schema, ...options });
  await createStore().migrate();
  const empty = async () => {
    const uncounted = `update ${schema}.tally_marks set ended_until = '-infinity'`;
    await pool.query([...tables.map((table) => `delete from ${schema}.${table}`), uncounted].join(';'));
  };
  return {
    pool,
    hotPool,
    searchPool,
    schema,
    createStore,
    openStore: async () => {
      await empty();
      // What a contract asks is not how soon: a busy machine gets its time.
      const signals = createSignals({ createClient: () => createSignalClient(pool), channel: schema });
      const store = createStore({ quickMs: 20_000, signals });
      const advance = (ms: number) => moveTimesBack(pool, schema, ms);
      const begin = async () => {
        // Before the transaction: on an embedded database nobody could begin to listen during it.
        await signals.listening();
        return beginOn(pool);
      };
      const close = async () => {
        await signals.close();
        await store.close();
      };
      return { store, now: () => new Date(), advance, begin, close };
    },
    empty,
    drop: async () => {
      await pool.query(`drop schema ${schema} cascade`);
      await Promise.all([pool.end(), hotPool.end(), searchPool.end()]);
    },
  };
}

async function beginOn(pool: pg.Pool): Promise<TransactionUnderTest> {
  const handle = await pool.connect();
  await handle.query('begin');
  const end = async (how: 'commit' | 'rollback') => {
    await handle.query(how);
    handle.release();
  };
  return { handle, commit: () => end('commit'), rollback: () => end('rollback') };
}

const tables = [
  'tasks',
  'attempts',
  'idempotency_keys',
  'queues',
  'task_logs',
  'workers',
  'broker_marks',
  'tallies',
  'operations',
];

/** Lets time pass: every time that is stored becomes earlier. */
async function moveTimesBack(pool: pg.Pool, schema: string, ms: number): Promise<void> {
  const { rows } = await pool.query<{ name: string; columns: string[] }>(
    `select table_name as name, array_agg(column_name::text) as columns
     from information_schema.columns join information_schema.tables using (table_schema, table_name)
     where table_schema = $1 and table_type = 'BASE TABLE' and data_type = 'timestamp with time zone' group by 1`,
    [schema],
  );
  for (const { name, columns } of rows) {
    const set = columns.map((column) => `${column} = ${column} - $1 * interval '1 ms'`);
    await pool.query(`update ${schema}.${name} set ${set.join(', ')}`, [ms]);
  }
}
