import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, openEmbeddedPostgres } from '../../src/pglite/index.ts';

/** The file of an initialised empty database: made once per version of PGlite, then shared by all tests. */
export async function templateFile(): Promise<string> {
  const pglite = dirname(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')));
  const { version } = JSON.parse(await readFile(join(pglite, 'package.json'), 'utf8')) as { version: string };
  const cache = fileURLToPath(new URL('../../../../node_modules/.cache/navette/', import.meta.url));
  const file = join(cache, `pglite-${version}.tar`);
  if (await stat(file).catch(() => undefined)) return file;
  const fresh = await openEmbeddedPostgres({ dataDir: undefined });
  try {
    await mkdir(cache, { recursive: true });
    const draft = `${file}.${process.pid}`;
    await writeFile(draft, Buffer.from(await (await fresh.dumpTemplate()).arrayBuffer()));
    await rename(draft, file);
  } finally {
    await fresh.close();
  }
  return file;
}

/** Opens an embedded PostgreSQL quickly, in memory unless told otherwise. */
export async function openFromTemplate(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  return openEmbeddedPostgres({
    dataDir: undefined,
    template: new Blob([await readFile(await templateFile())]),
    ...options,
  });
}

/** Runs `use` with an empty folder that is removed afterwards. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'navette-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
