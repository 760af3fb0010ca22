import type pg from 'pg';
import { DataFolder } from './data-folder.ts';
import { EmbeddedPool, type EmbeddedPoolOptions } from './embedded-pool.ts';
import { Engine } from './engine.ts';
import { ExclusiveSession } from './exclusive-session.ts';
import { newDatabase } from './new-database.ts';
import { vacuumTables } from './vacuum.ts';
import { queryFrame } from './wire-message.ts';
import { WireStream } from './wire-stream.ts';

/** How to open an embedded PostgreSQL. */
export interface EmbeddedPostgresOptions {
  /** Folder of the data, created if it is missing; `undefined` keeps the database in memory. */
  readonly dataDir: string | undefined;
  /** A dumped database to start from, for a folder that has none yet or in memory. Default: one in which nothing is. */
  readonly template?: Blob | undefined;
  /** How long a statement waits for other clients' transactions, in milliseconds, before SQLSTATE 55P03. Default 15,000. */
  readonly lockTimeoutMs?: number;
  /** How long a transaction may last, in milliseconds, since all others wait for it. Default 1,000; see the pool option. */
  readonly transactionLimitMs?: number;
  /** Told what an operator may want to know. */
  readonly log?: (message: string) => void;
}

/** One PostgreSQL inside this process, used through real pools of `pg`. */
export interface EmbeddedPostgres {
  /** Why the database is lost for good (it crashed, the process has to be restarted); `undefined` while it works. */
  readonly broken: Error | undefined;
  /** A pool of virtual clients. All pools share one session: a transaction of one client makes all others wait. */
  createPool(options?: EmbeddedPoolOptions): pg.Pool;
  /** Calls the listener once when the database crashes, or now if it has. Returns a function that removes it. */
  onFatal(listener: (error: Error) => void): () => void;
  /**
   * Frees the space of deleted rows and renews the statistics, table by table, where something has changed; then takes a
   * checkpoint. Nothing else does it here. Other clients run between two tables and wait during one.
   */
  vacuum(): Promise<void>;
  /** The database as it is now, to be the `template` of others. */
  dumpTemplate(): Promise<Blob>;
  /**
   * Lets queued statements finish, ends the pools, stops the database and gives its folder free. Connections still in
   * use fail with SQLSTATE 57P01. Idempotent.
   */
  close(): Promise<void>;
}

/**
 * Opens the embedded PostgreSQL.
 * @throws DataFolderLockedError when another process uses the folder
 * @throws DataFolderVersionError when the files in it are not for this version
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const folder = options.dataDir === undefined ? undefined : await DataFolder.open(options.dataDir, log);
  try {
    const isNew = folder?.fresh !== false;
    const template = isNew ? (options.template ?? (await newDatabase())) : undefined;
    const engine = await Engine.start({ dataDir: folder?.postgresDir, template });
    if (folder?.fresh) await folder.markComplete();
    return new SharedPostgres(engine, folder, { ...options, log });
  } catch (error) {
    await folder?.release();
    throw error;
  }
}

class SharedPostgres implements EmbeddedPostgres {
  readonly #engine: Engine;
  readonly #folder: DataFolder | undefined;
  readonly #session: ExclusiveSession;
  readonly #transactionLimitMs: number;
  readonly #pools = new Set<EmbeddedPool>();
  #closed: Promise<void> | undefined;

  constructor(
    engine: Engine,
    folder: DataFolder | undefined,
    options: EmbeddedPostgresOptions & { log: (message: string) => void },
  ) {
    this.#engine = engine;
    this.#folder = folder;
    this.#transactionLimitMs = options.transactionLimitMs ?? 1000;
    this.#session = new ExclusiveSession(engine, { lockTimeoutMs: options.lockTimeoutMs ?? 15_000, log: options.log });
  }

  get broken(): Error | undefined {
    return this.#session.broken;
  }

  createPool(options: EmbeddedPoolOptions = {}): pg.Pool {
    const { transactionLimitMs = this.#transactionLimitMs } = options;
    const { serverVersion } = this.#engine;
    const open = () => new WireStream(this.#session, { transactionLimitMs, serverVersion });
    const pool = new EmbeddedPool(options, open);
    this.#pools.add(pool);
    return pool;
  }

  onFatal(listener: (error: Error) => void): () => void {
    return this.#session.onFatal(listener);
  }

  async vacuum(): Promise<void> {
    const pool = this.createPool({ max: 1 });
    try {
      await vacuumTables(pool);
    } finally {
      await pool.end();
      this.#pools.delete(pool as EmbeddedPool);
    }
  }

  dumpTemplate(): Promise<Blob> {
    return this.#session.exclusively(async () => {
      await this.#engine.execute(queryFrame('checkpoint'));
      return this.#engine.dump();
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    try {
      // Not awaited: a client that is never handed back would hold up its pool for ever.
      for (const pool of this.#pools) pool.end().catch(() => undefined);
      await this.#session.end();
      await this.#engine.close();
    } finally {
      await this.#folder?.release();
    }
  }
}
