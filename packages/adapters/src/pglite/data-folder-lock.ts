import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataFolderLockedError } from './data-folder-errors.ts';
import { type Liveness, livenessOf, type ProcessIdentity, thisProcess } from './process-identity.ts';
import { SignOfLife } from './sign-of-life.ts';

interface Holder extends ProcessIdentity {
  /** Tells this holding of the lock from every other. */
  readonly nonce: string;
  /** Name of the holder's sign of life in the folder. */
  readonly socket: string | undefined;
}

const LOCK_FILE = /^lock\.(\d+)$/;

/**
 * The right to use a data folder, held by one process at a time: a file `lock.<n>` in the folder.
 *
 * A lock left by a dead process is never removed and replaced, which two processes could do at once: the successor
 * creates the next number, which only one can, then looks whether any other lock is held, and backs off if so. Of two
 * processes at least one sees the other. Only the process that holds the lock removes old ones.
 */
export class DataFolderLock {
  readonly #file: string;
  readonly #sign: SignOfLife | undefined;

  private constructor(file: string, sign: SignOfLife | undefined) {
    this.#file = file;
    this.#sign = sign;
  }

  /**
   * Takes the lock of an existing folder.
   * @throws DataFolderLockedError when another process holds it, or may hold it
   */
  static async acquire(folder: string): Promise<DataFolderLock> {
    const before = await readLocks(folder);
    for (const file of before) await refuseIfHeld(folder, file);

    const nonce = randomUUID();
    const sign = await SignOfLife.show(folder, `alive-${nonce.slice(0, 8)}.sock`);
    const holder: Holder = { ...(await thisProcess()), nonce, socket: sign?.name };
    const mine = `lock.${Math.max(0, ...before.map(numberOf)) + 1}`;
    try {
      await createOnce(folder, mine, holder);
    } catch (error) {
      await sign?.end();
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      // Somebody else was quicker.
      return DataFolderLock.acquire(folder);
    }

    const lock = new DataFolderLock(join(folder, mine), sign);
    try {
      const others = (await readLocks(folder)).filter((file) => file !== mine);
      for (const file of others) await refuseIfHeld(folder, file);
      for (const file of others) await removeLeftover(folder, file);
    } catch (error) {
      await lock.release();
      throw error;
    }
    return lock;
  }

  /** Gives the folder free. Idempotent. */
  async release(): Promise<void> {
    await rm(this.#file, { force: true });
    await this.#sign?.end();
  }
}

async function refuseIfHeld(folder: string, file: string): Promise<void> {
  const holder = await readHolder(folder, file);
  if (holder === undefined) return;
  if (holder === 'unreadable') throw new DataFolderLockedError({ folder, file: join(folder, file) });
  const liveness = await livenessOfHolder(folder, holder);
  if (liveness === 'dead') return;
  const { pid, hostname } = holder;
  const certain = liveness === 'alive';
  throw new DataFolderLockedError({ folder, file: join(folder, file), holder: { pid, hostname, certain } });
}

async function livenessOfHolder(folder: string, holder: Holder): Promise<Liveness> {
  const liveness = await livenessOf(holder);
  if (liveness !== 'out of sight' || holder.socket === undefined) return liveness;
  // On another machine the socket says nothing: only the kernel that made it can answer for it.
  if (holder.bootId !== (await thisProcess()).bootId) return liveness;
  const seen = await SignOfLife.seen(folder, holder.socket);
  return seen === undefined ? 'out of sight' : seen ? 'alive' : 'dead';
}

async function readLocks(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => LOCK_FILE.test(name));
}

function numberOf(file: string): number {
  return Number(LOCK_FILE.exec(file)?.[1]);
}

/** `undefined` when the file has gone meanwhile. */
async function readHolder(folder: string, file: string): Promise<Holder | 'unreadable' | undefined> {
  try {
    const holder = JSON.parse(await readFile(join(folder, file), 'utf8')) as Holder;
    return typeof holder.pid === 'number' ? holder : 'unreadable';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable';
  }
}

// A link appears with its content, and only if there is none of its name; where links are not supported the content
// follows a moment later, and who reads in between is refused.
async function createOnce(folder: string, file: string, holder: Holder): Promise<void> {
  const content = JSON.stringify(holder);
  const draft = join(folder, `.lock-${holder.nonce}`);
  await writeFile(draft, content, { flag: 'wx' });
  try {
    await link(draft, join(folder, file));
  } catch (error) {
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    await writeFile(join(folder, file), content, { flag: 'wx' });
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeLeftover(folder: string, file: string): Promise<void> {
  const holder = await readHolder(folder, file);
  if (typeof holder === 'object' && holder.socket !== undefined) await rm(join(folder, holder.socket), { force: true });
  await rm(join(folder, file), { force: true });
}
