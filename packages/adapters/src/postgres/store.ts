import { type Claimant, type ClaimedAttempt, type Log, silentLog, type TaskStore } from '@navette/domain';
import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import { createAttempts } from './attempts.ts';
import { type BoundedPool, createBoundedPool } from './bounded-pool.ts';
import { createTaskControl } from './control.ts';
import type { Database } from './database.ts';
import { createDequeue } from './dequeue.ts';
import { createTaskFeed } from './feed.ts';
import { createGroupCommit } from './group-commit.ts';
import { createDispatchLedger } from './ledger.ts';
import { migrateToLatest } from './migrate.ts';
import { createTaskOperations } from './operations.ts';
import { createTaskRecords } from './records.ts';
import { checkSchemaName, defaultSchema } from './schema-name.ts';
import { createSilentSignals, type Signals } from './signals.ts';
import { verdictOf, withDomainErrors } from './sql-errors.ts';
import { statement } from './statement.ts';
import type { StoreParts } from './store-parts.ts';
import { createTally } from './tallies.ts';
import { createTransactions } from './transactions.ts';
import { createUpkeep } from './upkeep.ts';

/** What a PostgreSQL store is made with. */
export interface PostgresStoreOptions {
  /** For what is rare. Stays the caller's: `close` does not end it. */
  readonly pool: pg.Pool;
  /** For submissions and the work of workers: sessions with the `pinnedSettings`. Stays the caller's, too. */
  readonly hotPool: pg.Pool;
  /** For searches: sessions with the `searchSettings`. Stays the caller's, too. */
  readonly searchPool: pg.Pool;
  /** The schema of Navette's tables; default `navette`. */
  readonly schema?: string | undefined;
  /** One session behind the pool (PGlite): one batch at a time. */
  readonly embedded?: boolean | undefined;
  /** A submission, or a look at one task, takes at most this long, ms; default 800. */
  readonly quickMs?: number | undefined;
  /** A claim, a settlement, a search, a step of the steward takes at most this long, ms; default 5,000. */
  readonly patientMs?: number | undefined;
  /** An idempotency key holds this long, and its task is kept at least as long, ms; default 7 days. */
  readonly keepKeysMs?: number | undefined;
  /** Tell of transactions that have committed; default: nothing does. Stay the caller's. */
  readonly signals?: Signals | undefined;
  readonly log?: Log | undefined;
  /** Is told how many calls each statement carries that is made for many. */
  readonly onBatch?: ((rows: number) => void) | undefined;
}

/** The record of everything in PostgreSQL, and a queue besides. */
export interface PostgresStore extends TaskStore {
  /** Claims up to `limit` queued tasks of one queue: by priority, then by their entry into `queued`. */
  dequeue(claimant: Claimant, queue: string, limit: number): Promise<ClaimedAttempt[]>;
  /** Brings the schema up to date. @throws SchemaNewerError */
  migrate(): Promise<void>;
}

/** For what reads everything, and nobody waits for, ms. */
const endlessMs = 600_000;
const weekMs = 7 * 24 * 60 * 60 * 1000;

/** Makes a store over a pool of connections; the schema must have been migrated before anything can be kept. */
export function createPostgresStore(options: PostgresStoreOptions): PostgresStore {
  const {
    pool,
    hotPool,
    searchPool,
    embedded = false,
    quickMs = 800,
    patientMs = 5_000,
    keepKeysMs = weekMs,
    signals = createSilentSignals(),
    log = silentLog,
    onBatch,
  } = options;
  const schema = checkSchemaName(options.schema ?? defaultSchema);
  const onIdleError = (error: Error) => log.debug({ err: error }, 'lost an idle connection to the database');
  const pools = [...new Set([pool, hotPool, searchPool])];
  for (const each of pools) each.on('error', onIdleError);
  const quick = createBoundedPool(hotPool, quickMs);
  const patient = createBoundedPool(hotPool, patientMs);
  const idles: (() => Promise<void>)[] = [];
  const parts: StoreParts = {
    schema,
    quick,
    quickMs,
    patient,
    patientMs,
    db: kyselyOver(createBoundedPool(pool, patientMs), schema),
    pinnedDb: kyselyOver(patient, schema),
    searchDb: kyselyOver(createBoundedPool(searchPool, patientMs), schema),
    keepKeysMs,
    group: ({ serial, ...own }) => {
      const write: typeof own.write = (items) => {
        onBatch?.(items.length);
        return own.write(items);
      };
      const group = createGroupCommit({ ...own, write, verdictOf, parallelism: embedded || serial ? 1 : 2 });
      idles.push(group.idle);
      return (item) => group.submit(item);
    },
  };
  const dequeue = createDequeue(patient, schema);
  const closing = new AbortController();
  const endlessDb = kyselyOver(createBoundedPool(pool, endlessMs, closing.signal), schema);
  return {
    records: withDomainErrors(createTaskRecords(parts)),
    transactions: createTransactions({ schema, keepKeysMs, signals, embedded }),
    attempts: withDomainErrors(createAttempts(parts)),
    control: withDomainErrors(createTaskControl(parts)),
    upkeep: withDomainErrors(createUpkeep(parts)),
    ledger: withDomainErrors(createDispatchLedger(parts)),
    feed: withDomainErrors(createTaskFeed(parts)),
    operations: withDomainErrors(createTaskOperations(parts)),
    ...withDomainErrors({ dequeue, ...createTally({ ...parts, endlessDb, closing: closing.signal }) }),
    migrate: () => migrateToLatest(pool, schema),
    healthy: async () => {
      try {
        // Without its tables a database keeps nothing.
        await quick.run(statement(schema, 'healthy', 'select 1 from $schema.queues limit 1'), []);
        return true;
      } catch {
        return false;
      }
    },
    close: async () => {
      closing.abort();
      await Promise.all(idles.map((idle) => idle()));
      for (const each of pools) each.off('error', onIdleError);
    },
  };
}

function kyselyOver(pool: BoundedPool, schema: string): Kysely<Database> {
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) }).withSchema(schema);
}
