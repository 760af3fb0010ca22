import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppProcess } from './app-process.ts';

const parent = await mkdtemp(join(tmpdir(), 'navette-e2e-'));
let prepared: Promise<string> | undefined;
let count = 0;

/** A path in a folder of its own, for whatever a test wants to put there. */
export function freshPath(): string {
  count++;
  return join(parent, String(count));
}

/** A data folder with an empty database. Making one takes seconds, so one is made by the standalone app, then copied. */
export async function freshDataFolder(): Promise<string> {
  prepared ??= prepare(freshPath());
  const folder = freshPath();
  await cp(await prepared, folder, { recursive: true });
  return folder;
}

async function prepare(folder: string): Promise<string> {
  const app = new AppProcess('standalone', { NAVETTE_DATA_DIR: folder });
  await app.line('worker running');
  await app.end('SIGTERM');
  return folder;
}

/** Removes them all. */
export async function removeDataFolders(): Promise<void> {
  await rm(parent, { recursive: true, force: true });
}
