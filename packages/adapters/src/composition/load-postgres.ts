import type { OpenedPostgres, OpenPostgresOptions } from '../postgres/index.ts';
import type { ServiceContext } from './service.ts';
import { StartupError } from './startup-error.ts';

/** What decides where the store is. */
export interface StoreSettings {
  /** PostgreSQL; `undefined`: an embedded one in the data folder. */
  readonly DATABASE_URL: string | undefined;
  /** Where an embedded database is. */
  readonly NAVETTE_DATA_DIR?: string | undefined;
  readonly NAVETTE_IDEMPOTENCY_DAYS: number;
}

type Parts = Omit<ServiceContext<StoreSettings>, 'version'> & Pick<OpenPostgresOptions, 'onBatch'>;

const dayMs = 86_400_000;
const closeWithinMs = 5_000;
/** A first start makes a whole database. */
const openWithinMs = 30_000;
/** Whoever uses an embedded database waits for each transaction; the longest is the migration of a new folder. */
const embeddedTransactionMs = 10_000;

/** Loads the driver; an embedded database is opened at once. Gives what opens the store, which the shutdown closes. */
export async function loadPostgres(parts: Parts): Promise<() => OpenedPostgres> {
  const { settings, log, shutdown, onBatch } = parts;
  const { openPostgres } = await import('../postgres/index.ts');
  const { DATABASE_URL: connectionString, NAVETTE_IDEMPOTENCY_DAYS: keepKeysDays } = settings;
  const where = connectionString === undefined ? await openEmbedded(parts) : { connectionString };
  return () => {
    const opened = openPostgres({ ...where, keepKeysMs: keepKeysDays * dayMs, log, onBatch });
    let state: 'closing' | 'ready' | 'waiting' = 'waiting';
    const ready = opened.ready.then(
      () => {
        state = 'ready';
      },
      (error: unknown) => {
        if (state !== 'closing') throw error;
        // Closed before it was reached, which is nobody's error.
        return never();
      },
    );
    shutdown.add('store', closeWithinMs, () => {
      state = 'closing';
      return opened.close();
    });
    // A database that answers but has no tables yet keeps nothing.
    const healthy = async () => state === 'ready' && (await opened.store.healthy());
    return { ...opened, ready, store: { ...opened.store, healthy } };
  };
}

async function openEmbedded({ settings, log, shutdown, fail }: Parts): Promise<Partial<OpenPostgresOptions>> {
  const { pinnedSettings, searchSettings } = await import('../postgres/index.ts');
  const { openEmbeddedPostgres } = await import('../pglite/index.ts');
  const { NAVETTE_DATA_DIR: dataDir } = settings;
  const opening = openEmbeddedPostgres({ dataDir, log: (message) => log.warn({}, message) });
  let stopping = false;
  // Also while it is being opened: half a database would be of no use to the next start.
  shutdown.add('embedded PostgreSQL', openWithinMs + closeWithinMs, async () => {
    stopping = true;
    await opening.then(
      (database) => database.close(),
      () => {},
    );
  });
  try {
    const database = await opening;
    if (stopping) return never();
    database.onFatal(fail);
    const createPool = (settings: Readonly<Record<string, string>>) =>
      database.createPool({ settings, transactionLimitMs: embeddedTransactionMs });
    const pools = { pool: createPool(pinnedSettings), searchPool: createPool(searchSettings) };
    return { ...pools, embedded: true, vacuum: () => database.vacuum() };
  } catch (error) {
    const { message, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    // The folder cannot be made, or not be written.
    throw new StartupError([`NAVETTE_DATA_DIR: ${message}`], { cause: error });
  }
}

/** What waits for this goes no further: the process is about to end. */
function never(): Promise<never> {
  return new Promise(() => {});
}
