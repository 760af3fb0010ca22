import { PGlite } from '@electric-sql/pglite';

/** Major version of PostgreSQL inside PGlite: what a data folder must have been made by. */
export const POSTGRES_MAJOR = 18;

/** How PGlite is started. */
export interface EngineOptions {
  /** Folder of the PostgreSQL files; `undefined` keeps everything in memory. */
  readonly dataDir: string | undefined;
  /** A database to start from instead of an empty one; only for a folder that holds none yet. */
  readonly template?: Blob | undefined;
}

const SETTINGS = [
  // Bounds the files that checkpoints keep for reuse: the default is 1 GB, ten times the database of most installations.
  'max_wal_size=256MB',
  'min_wal_size=32MB',
  // PostgreSQL clears its buffers as it starts: with the default of 128 MB, half of the time that a start takes. A queue
  // is as fast with 32 MB; the other half is for searches.
  'shared_buffers=64MB',
];

/** PGlite as a function from protocol batch to reply, which fails instead of hanging when the WebAssembly code crashes. */
export class Engine {
  readonly #db: PGlite;
  readonly #crash: () => unknown;
  /** What PostgreSQL calls its version, such as `18.6`. */
  readonly serverVersion: string;
  #closed: Promise<void> | undefined;

  private constructor(db: PGlite, serverVersion: string) {
    this.#db = db;
    this.serverVersion = serverVersion;
    this.#crash = surfaceCrashes(db.Module);
  }

  /** Starts PGlite: makes a database where there is none and no template (seconds), recovers one whose process was killed. */
  static async start({ dataDir, template }: EngineOptions): Promise<Engine> {
    const startParams = [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ['-c', setting])];
    const db = await PGlite.create({
      ...(dataDir === undefined ? {} : { dataDir }),
      ...(template === undefined ? {} : { loadDataDir: template }),
      startParams,
    });
    const { rows } = await db.query<{ server_version: string }>('show server_version');
    return new Engine(db, rows[0]?.server_version ?? '');
  }

  /**
   * Runs one batch. Blocks the event loop until PostgreSQL has answered.
   * @throws Error when PostgreSQL has crashed; it does not come back in this process
   */
  async execute(batch: Uint8Array): Promise<Buffer> {
    const parts: Buffer[] = [];
    // PGlite hands out views on its memory, valid during the call only.
    const onRawData = (data: Uint8Array) => void parts.push(Buffer.from(data));
    await this.#db.execProtocolRawStream(batch, { syncToFs: false, onRawData });
    const crash = this.#crash();
    if (crash !== undefined) throw crash;
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** The database as a tar archive. To be called between transactions, after a checkpoint. */
  dump(): Promise<Blob> {
    return this.#db.dumpDataDir('none');
  }

  /** Writes everything out and stops; after a crash there is nothing left to stop. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#crash() === undefined ? this.#db.close() : Promise.resolve();
    return this.#closed;
  }
}

// PGlite repeats its main loop until a batch is consumed and swallows whatever the loop throws: after a crash (a stack
// overflow in deeply nested JSON, a WebAssembly trap) that is an endless loop which blocks the process. Only longjmp,
// marked by this status, is part of normal work. So remember any other exception and throw it again from the functions
// that PGlite calls outside its try block.
const LONGJMP = 100;

function surfaceCrashes(module: PGlite['Module']): () => unknown {
  const { _PostgresMainLoopOnce: mainLoop, _PostgresSendReadyForQueryIfNecessary: ready, stackRestore } = module;
  let crash: unknown;
  const unlessCrashed = <Arguments extends unknown[], Result>(call: (...args: Arguments) => Result) => {
    return (...args: Arguments): Result => {
      if (crash !== undefined) throw crash;
      return call(...args);
    };
  };
  module._PostgresMainLoopOnce = unlessCrashed(() => {
    try {
      mainLoop();
    } catch (error) {
      if ((error as { status?: unknown } | null)?.status !== LONGJMP) crash = error ?? new Error('PGlite crashed');
      throw error;
    }
  });
  module.stackRestore = unlessCrashed(stackRestore);
  module._PostgresSendReadyForQueryIfNecessary = unlessCrashed(ready);
  return () => crash;
}
