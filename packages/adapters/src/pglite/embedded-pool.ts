import pg from 'pg';
import { startupOptions } from './session-settings.ts';
import { WireStream } from './wire-stream.ts';

/** Settings of a pool: those of `pg.Pool`, of which the ones that say where a server is are ignored. */
export interface EmbeddedPoolOptions extends pg.PoolConfig {
  /** Schemas to look names up in, comma-separated: `navette,public`. */
  searchPath?: string;
  /** Session settings of every client of the pool: `{ enable_seqscan: 'off' }`. */
  settings?: Readonly<Record<string, string>>;
  /**
   * How long a transaction of this pool may last, in milliseconds; then it is rolled back and its next statement fails
   * with SQLSTATE 25P04. `Infinity` for any time (migrations). Default: that of `openEmbeddedPostgres`.
   */
  transactionLimitMs?: number;
}

/** A real `pg.Pool` whose clients talk to the embedded database. Unlike in `pg`, `end` may be called again. */
export class EmbeddedPool extends pg.Pool {
  #ended: Promise<void> | undefined;

  /** @param open makes the connection of a new client */
  constructor(options: EmbeddedPoolOptions, open: () => WireStream) {
    const { searchPath, settings, transactionLimitMs: _, options: given, ...config } = options;
    const all = { ...(searchPath === undefined ? {} : { search_path: searchPath }), ...settings };
    super({
      // Clients cost nothing and keep their prepared statements: no reason to let them go.
      idleTimeoutMillis: 0,
      allowExitOnIdle: true,
      ...config,
      options: [given, startupOptions(all)].filter(Boolean).join(' '),
      host: 'embedded',
      user: 'postgres',
      database: 'postgres',
      ssl: false,
      stream: open,
    });
    // Connections are lost only when the database closes or crashes, which is reported elsewhere, once. Without these
    // listeners each idle client, and each one in use, would end the process.
    this.on('error', () => undefined);
    this.on('connect', (client) => client.on('error', () => undefined));
    this.on('release', (_error, client) => streamOf(client)?.release());
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | void {
    this.#ended ??= super.end();
    if (callback === undefined) return this.#ended;
    this.#ended.then(callback, callback);
  }
}

function streamOf(client: pg.PoolClient): WireStream | undefined {
  const { connection } = client as unknown as { connection?: { stream?: unknown } };
  return connection?.stream instanceof WireStream ? connection.stream : undefined;
}
