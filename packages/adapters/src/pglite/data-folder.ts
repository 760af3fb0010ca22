import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DataFolderVersionError } from './data-folder-errors.ts';
import { DataFolderLock } from './data-folder-lock.ts';
import { POSTGRES_MAJOR } from './engine.ts';

// Written once, after the first start has succeeded: without it the PostgreSQL files may be half of an interrupted start.
const MARK = 'embedded-postgres.json';
const LAYOUT = 1;

/** A folder that this process may use: a lock, a mark of what made it, and the files of PostgreSQL in `postgres/`. */
export class DataFolder {
  /** Where the files of PostgreSQL are. */
  readonly postgresDir: string;
  /** Whether there is no database in the folder yet. */
  readonly fresh: boolean;
  readonly #path: string;
  readonly #lock: DataFolderLock;

  private constructor(path: string, lock: DataFolderLock, fresh: boolean) {
    this.#path = path;
    this.#lock = lock;
    this.fresh = fresh;
    this.postgresDir = join(path, 'postgres');
  }

  /**
   * Creates the folder if need be and locks it.
   * @throws DataFolderLockedError when another process uses it
   * @throws DataFolderVersionError when its files are not for this version
   */
  static async open(folder: string, log: (message: string) => void): Promise<DataFolder> {
    const path = resolve(folder);
    await mkdir(path, { recursive: true, mode: 0o700 });
    const lock = await DataFolderLock.acquire(path);
    try {
      const fresh = !(await hasDatabase(path));
      if (fresh) await setAside(join(path, 'postgres'), log);
      return new DataFolder(path, lock, fresh);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Records that the folder holds a database now. */
  async markComplete(): Promise<void> {
    const draft = join(this.#path, `.${MARK}`);
    await writeFile(draft, `${JSON.stringify({ layout: LAYOUT, postgres: POSTGRES_MAJOR })}\n`);
    await rename(draft, join(this.#path, MARK));
  }

  /** Gives the folder free. Idempotent. */
  release(): Promise<void> {
    return this.#lock.release();
  }
}

async function hasDatabase(path: string): Promise<boolean> {
  const mark = await readFile(join(path, MARK), 'utf8').catch(missing);
  if (mark === undefined) return false;
  const { layout, postgres } = JSON.parse(mark) as { layout: number; postgres: number };
  const found = `PostgreSQL ${postgres} in layout ${layout}`;
  const supported = `PostgreSQL ${POSTGRES_MAJOR} in layout ${LAYOUT}`;
  if (layout > LAYOUT || postgres > POSTGRES_MAJOR)
    throw new DataFolderVersionError(path, 'data_folder_newer', found, supported);
  if (layout < LAYOUT || postgres < POSTGRES_MAJOR)
    throw new DataFolderVersionError(path, 'data_folder_older', found, supported);
  return true;
}

// Moved, not deleted: should the mark have been lost instead, the data is still there.
async function setAside(files: string, log: (message: string) => void): Promise<void> {
  if ((await stat(files).catch(missing)) === undefined) return;
  const aside = `${files}.incomplete-${Date.now()}`;
  await rename(files, aside);
  log(`an interrupted first start was moved to ${aside}`);
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
