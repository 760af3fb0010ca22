import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { UsageError } from '../exit-codes.ts';

/** How far the import of a file has come. */
export interface ImportRecord {
  /** Names this import: idempotency keys are made of it, so that a line sent twice makes one task. */
  readonly run: string;
  /** Where the tasks go. */
  readonly url: string;
  /** The file as it was when the import began. */
  readonly bytes: number;
  readonly modifiedMs: number;
  /** How many lines, from the first, have their outcome. */
  lines: number;
  accepted: number;
  rejected: number;
}

/** Where the record of a file's import is kept: beside the file. */
export function recordPath(file: string): string {
  return `${file}.navette-import`;
}

/**
 * Begins the import of a file, or goes on with one that was interrupted. `restart`: forgets that one.
 * @throws UsageError if the file cannot be read, or was being imported otherwise
 */
export async function openRecord(file: string, url: string, restart: boolean): Promise<ImportRecord> {
  const { size: bytes, mtimeMs: modifiedMs } = await stat(file).catch((error: Error) => {
    throw new UsageError(`cannot read ${file}: ${error.message}`);
  });
  const earlier = restart ? undefined : await readRecord(recordPath(file));
  if (!earlier) {
    const record = { run: randomUUID(), url, bytes, modifiedMs, lines: 0, accepted: 0, rejected: 0 };
    // Before anything is sent: a line that was sent must be sent under the same key again.
    await saveRecord(file, record);
    return record;
  }
  const why =
    earlier.url !== url
      ? `went to ${earlier.url}`
      : earlier.bytes !== bytes || earlier.modifiedMs !== modifiedMs
        ? 'began before the file was changed'
        : undefined;
  if (why === undefined) return earlier;
  throw new UsageError(`an interrupted import of ${file} ${why}: --restart begins a new one, with new tasks`);
}

/** Keeps a record, whole or not at all. */
export async function saveRecord(file: string, record: ImportRecord): Promise<void> {
  const path = recordPath(file);
  await writeFile(`${path}.new`, JSON.stringify(record));
  await rename(`${path}.new`, path);
}

/** Forgets the import of a file. */
export async function removeRecord(file: string): Promise<void> {
  await rm(recordPath(file), { force: true });
}

async function readRecord(path: string): Promise<ImportRecord | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text) as ImportRecord;
  } catch {
    throw new UsageError(`${path} is damaged: --restart begins a new import, with new tasks`);
  }
}
