import pg from 'pg';

/**
 * Session settings under which the hot statements keep their plans: index scans and nested loops, whatever the
 * statistics say at the moment, and nobody waits long for a lock. With a plan chosen at a bad moment (an empty table,
 * no statistics yet) they become several times slower and stay so until the connection ends.
 */
export const pinnedSettings: Readonly<Record<string, string>> = {
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_sort: 'off',
  enable_bitmapscan: 'off',
  enable_material: 'off',
  plan_cache_mode: 'force_generic_plan',
  // A plan that cannot do without a sort now looks expensive enough to be compiled, for 300 ms each time.
  jit: 'off',
  lock_timeout: '250',
};

/** A search that has not found its page by then is ended, ms. */
export const searchWithinMs = 200;

/**
 * Session settings of searches: PostgreSQL chooses the way, knowing that what is read is mostly in memory, and ends what
 * takes too long. An embedded database never ends a statement.
 */
export const searchSettings: Readonly<Record<string, string>> = {
  statement_timeout: String(searchWithinMs),
  random_page_cost: '1.1',
  enable_seqscan: 'off',
  // Compiling takes longer than any of these queries.
  jit: 'off',
};

// What hints are worth: a commit that only notifies does not wait for the disk.
const signalSettings = { synchronous_commit: 'off' };
const signalTimeoutMs = 2_000;

/** Makes a pool that connects as another one does, with {@link pinnedSettings}. @param max its connections at most */
export function createHotPool(pool: pg.Pool, max: number): pg.Pool {
  return outlivingLosses(new pg.Pool({ ...configOf(pool, pinnedSettings), max }));
}

/** Makes a pool that connects as another one does, with {@link searchSettings}. @param max its connections at most */
export function createSearchPool(pool: pg.Pool, max: number): pg.Pool {
  return outlivingLosses(new pg.Pool({ ...configOf(pool, searchSettings), max }));
}

/** The pool, for which a lost connection is no error that ends the process: it is replaced when one is needed. */
export function outlivingLosses(pool: pg.Pool): pg.Pool {
  const ignore = () => {};
  // The pool itself listens to its idle connections only. One that is ended in the very moment in which it is handed out
  // would have no listener: whoever asked for it gets it a moment later.
  return pool.on('error', ignore).on('connect', (client) => void client.on('error', ignore));
}

/** Makes a client, not connected yet, that connects as those of a pool do: for LISTEN and NOTIFY. */
export function createSignalClient(pool: pg.Pool): pg.Client {
  return new pg.Client({ ...configOf(pool, signalSettings), connectionTimeoutMillis: signalTimeoutMs });
}

/** Writes settings as start-up options of a connection. */
export function startupOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

function configOf({ options: given }: pg.Pool, settings: Readonly<Record<string, string>>): pg.PoolConfig {
  const options = [given.options, startupOptions(settings)].filter(Boolean).join(' ');
  // The pool keeps its password where it is not enumerated, and so not printed.
  return { ...given, password: given.password, options };
}
