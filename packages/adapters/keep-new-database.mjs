// The end of the build: keeps a new database, so that a first start need not make one, which takes seconds.
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { openEmbeddedPostgres } from './dist/pglite/embedded-postgres.js';
import { newDatabaseFile } from './dist/pglite/new-database.js';

const file = fileURLToPath(newDatabaseFile);
if (!existsSync(file)) {
  const database = await openEmbeddedPostgres({ dataDir: undefined });
  const archive = await database.dumpTemplate();
  await database.close();
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, await promisify(gzip)(await archive.arrayBuffer()));
  await rename(draft, file);
}
