import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { POSTGRES_MAJOR } from './engine.ts';

/** Where the build keeps a database in which nothing is yet, as a packed tar archive. */
export const newDatabaseFile = new URL(`../../dist/pglite/postgres-${POSTGRES_MAJOR}.tar.gz`, import.meta.url);

/** The database that the build has kept; `undefined` if it has kept none, and PostgreSQL has to take seconds for one. */
export async function newDatabase(): Promise<Blob | undefined> {
  const packed = await readFile(newDatabaseFile).catch(() => undefined);
  return packed && new Blob([await promisify(gunzip)(packed)]);
}
