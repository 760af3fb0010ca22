import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const parent = await mkdtemp(join(tmpdir(), 'navette-e2e-'));
let count = 0;

/** A path in a folder of its own: for a new database, or whatever else a test wants to put there. */
export function freshPath(): string {
  count++;
  return join(parent, String(count));
}

/** Removes them all. */
export async function removeDataFolders(): Promise<void> {
  await rm(parent, { recursive: true, force: true });
}
