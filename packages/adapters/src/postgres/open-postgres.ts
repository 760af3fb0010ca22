import { setTimeout as sleep } from 'node:timers/promises';
import { type Log, StoreUnavailableError, silentLog, type TaskBroker, type TaskEvents } from '@navette/domain';
import pg from 'pg';
import { createPostgresBroker } from './broker.ts';
import { createHotPool, createSearchPool, createSignalClient, outlivingLosses, startupOptions } from './connections.ts';
import { createPostgresEvents } from './events.ts';
import { checkSchemaName, defaultSchema } from './schema-name.ts';
import { createSignals } from './signals.ts';
import { isHopeless, toDomainError } from './sql-errors.ts';
import { createPostgresStore, type PostgresStore, type PostgresStoreOptions } from './store.ts';
import { endedNow } from './upkeep.ts';

/** Where the database is, and how it is used. */
export interface OpenPostgresOptions extends Omit<PostgresStoreOptions, 'pool' | 'hotPool' | 'searchPool' | 'signals'> {
  /** Where PostgreSQL is; or `pool`. */
  readonly connectionString?: string | undefined;
  /**
   * Connections to use; stays the caller's. Of an embedded database all connections are these, and they should have the
   * `pinnedSettings`.
   */
  readonly pool?: pg.Pool | undefined;
  /** Connections to an embedded database with the `searchSettings`; stay the caller's, default `pool`. */
  readonly searchPool?: pg.Pool | undefined;
  /** Housekeeping that an embedded database wants now and then. */
  readonly vacuum?: (() => Promise<void>) | undefined;
}

/** Everything that PostgreSQL can be for Navette. */
export interface OpenedPostgres {
  readonly store: PostgresStore;
  /** The store as the queue. */
  readonly broker: TaskBroker;
  readonly events: TaskEvents;
  /**
   * Resolves when the database has been reached and its schema is up to date, however long that takes. Until then every
   * call of the store throws `StoreUnavailableError`.
   * Rejects for what waiting cannot mend: rejected credentials (`code` 28…), no such database (3D000), a schema newer
   * than the code (`schema_newer`), a URL that cannot be read.
   */
  readonly ready: Promise<void>;
  /** Closes everything, as closing the store does. May be called again. */
  close(): Promise<void>;
}

/** Connections of one process: for the hot statements, for searches, and for what is rare. A further one listens. */
const maxConnections = { hot: 8, searches: 3, rare: 2 };
/** A connection that is not made within this is given up, ms. */
const connectTimeoutMs = 5_000;

/** Opens a database and waits for it in the background. */
export function openPostgres(options: OpenPostgresOptions): OpenedPostgres {
  const { embedded = false, log = silentLog, schema = defaultSchema, vacuum } = options;
  const pool = options.pool ?? createPool(options.connectionString);
  const hotPool = embedded ? pool : createHotPool(pool, maxConnections.hot);
  const searchPool = embedded ? (options.searchPool ?? pool) : createSearchPool(pool, maxConnections.searches);
  const signals = createSignals({
    createClient: () => createSignalClient(pool),
    channel: checkSchemaName(schema),
    log,
  });
  // All that uses an embedded database is in this process and needs no signal, but for a commit of somebody's transaction.
  const shared = embedded ? { ...signals, send: () => {}, listening: async () => {} } : signals;
  const store = createPostgresStore({ ...options, pool, hotPool, searchPool, signals });
  const broker = createPostgresBroker({ store, signals: shared });
  const events = createPostgresEvents({ signals: shared, log });
  const closing = new AbortController();
  const ready = getReady({ store, pool, log, signal: closing.signal, aloneIn: embedded ? schema : undefined });
  // Whoever does not wait for it hears of it from the store.
  ready.catch(() => {});

  const closeAll = async () => {
    closing.abort();
    await broker.close();
    await events.close();
    await signals.close();
    await store.close();
    if (!embedded) await Promise.all([hotPool.end(), searchPool.end()]);
    if (!options.pool) await pool.end();
  };
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= closeAll();
    return closed;
  };
  return { store: { ...store, close, ...(vacuum && { vacuum }) }, broker, events, ready, close };
}

function createPool(connectionString: string | undefined): pg.Pool {
  if (connectionString === undefined) throw new TypeError('openPostgres needs a connectionString or a pool');
  const { url, options } = withoutOptions(connectionString);
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections.rare,
    // Compiling takes longer than any of these queries.
    options: [options, startupOptions({ jit: 'off' })].filter(Boolean).join(' '),
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  });
  return outlivingLosses(pool);
}

/** Takes the start-up options out of a URL: they would replace those that are added here. */
function withoutOptions(connectionString: string): { readonly url: string; readonly options: string | null } {
  const url = URL.canParse(connectionString) && new URL(connectionString);
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new TypeError(
      'the connectionString of openPostgres must be a URL such as postgres://user@host:5432/database',
    );
  }
  const options = url.searchParams.get('options');
  if (options === null) return { url: connectionString, options };
  url.searchParams.delete('options');
  return { url: url.href, options };
}

interface Preparation {
  readonly store: PostgresStore;
  readonly pool: pg.Pool;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** The schema, if no other process can use it. */
  readonly aloneIn: string | undefined;
}

const backoffMs = { least: 100, most: 2_000 };

/** Waits for the database, then migrates it. */
async function getReady({ store, pool, log, signal, aloneIn }: Preparation): Promise<void> {
  for (let failures = 0; ; failures++) {
    try {
      await store.migrate();
      // Nobody holds a lease: what was running when the process ended is lost, and recovered at once.
      if (aloneIn)
        await pool.query(`update ${aloneIn}.workers set lease_until = ${endedNow} where lease_until > now()`);
      return;
    } catch (error) {
      if (isHopeless(error) || !(toDomainError(error) instanceof StoreUnavailableError)) throw error;
      if (failures === 0 && !signal.aborted) log.warn({ err: error }, 'the database cannot be reached, waiting for it');
    }
    await sleep(Math.min(backoffMs.least * 2 ** failures, backoffMs.most));
    if (signal.aborted) throw new StoreUnavailableError('closed before the database could be reached');
  }
}
