import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, openEmbeddedPostgres } from '../../src/pglite/index.ts';

/** Opens an embedded PostgreSQL, in memory unless told otherwise. */
export function openEmbedded(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  return openEmbeddedPostgres({ dataDir: undefined, ...options });
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
