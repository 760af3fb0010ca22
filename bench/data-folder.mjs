// Folders with a new embedded database in them.
import { existsSync } from 'node:fs';
import { cp, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbeddedPostgres } from '@navette/adapters/pglite';

/** Makes one within `folder`. A database takes some seconds to make: the first is kept in `store`, to be copied. */
export async function newDataFolder(store, folder) {
  const template = join(store, 'new-database');
  if (!existsSync(template)) await (await openEmbeddedPostgres({ dataDir: template })).close();
  const dataDir = await mkdtemp(join(folder, 'database-'));
  await cp(template, dataDir, { recursive: true });
  return dataDir;
}
