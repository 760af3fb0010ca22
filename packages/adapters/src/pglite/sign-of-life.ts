import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

// Longer paths do not fit in the address of a Unix socket.
const MAX_PATH_BYTES = 100;

/**
 * A Unix socket in the data folder that answers for as long as its process lives, whatever the process is busy with:
 * the kernel accepts connections, and closes the socket when the process dies. It is seen from other containers.
 */
export class SignOfLife {
  readonly name: string;
  readonly #path: string;
  readonly #server: Server;

  private constructor(name: string, path: string, server: Server) {
    this.name = name;
    this.#path = path;
    this.#server = server;
  }

  /** Opens the socket; `undefined` where the system or the file system has none. */
  static async show(folder: string, name: string): Promise<SignOfLife | undefined> {
    const path = join(folder, name);
    if (process.platform === 'win32' || Buffer.byteLength(path) > MAX_PATH_BYTES) return undefined;
    const server = createServer((connection) => connection.destroy()).unref();
    return new Promise((resolve) => {
      server.once('error', () => resolve(undefined));
      server.listen(path, () => resolve(new SignOfLife(name, path, server)));
    });
  }

  /** Whether somebody answers at the socket; `undefined` when that cannot be found out. */
  static seen(folder: string, name: string): Promise<boolean | undefined> {
    return new Promise((resolve) => {
      const connection = connect(join(folder, name), () => answer(true));
      const answer = (seen: boolean | undefined) => {
        connection.destroy();
        resolve(seen);
      };
      connection.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EAGAIN') answer(true);
        else answer(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? false : undefined);
      });
    });
  }

  /** Closes the socket and removes it. */
  async end(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await rm(this.#path, { force: true });
  }
}
