import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DataFolderLock } from '../../src/pglite/data-folder-lock.ts';
import { DataFolderLockedError, DataFolderVersionError } from '../../src/pglite/index.ts';
import { type ProcessIdentity, thisProcess } from '../../src/pglite/process-identity.ts';
import { Child } from './child-process.ts';
import { openEmbedded, withFolder } from './embedded.ts';

const lockFiles = async (folder: string) => (await readdir(folder)).filter((name) => /lock|alive/.test(name));

describe('a data folder', () => {
  test('keeps its data over a restart and is given free by close', () =>
    withFolder(async (folder) => {
      const dataDir = join(folder, 'made', 'when missing');
      const first = await openEmbedded({ dataDir });
      await first.createPool().query('create table kept as select 42 as x');
      await expect(openEmbedded({ dataDir })).rejects.toThrow(DataFolderLockedError);
      await first.close();
      expect(await lockFiles(dataDir)).toEqual([]);

      const second = await openEmbedded({ dataDir });
      expect((await second.createPool().query('select x from kept')).rows).toEqual([{ x: 42 }]);
      await second.close();
    }));

  test('is refused to a second process, and taken over with its data after kill -9', () =>
    withFolder(async (folder) => {
      const writer = await Child.start('write', folder);
      try {
        await writer.message();
        const second = await Child.start('open', folder);
        const refusal = await second.message<{ code: string; message: string }>();
        expect(refusal.code).toBe('data_folder_locked');
        expect(refusal.message).toContain(`${folder} is in use by process ${writer.pid} on`);

        const { written } = await writer.message<{ written: number }>(({ written }) => written > 200);
        await writer.kill();
        const db = await openEmbedded({ dataDir: folder });
        const { rows } = await db.createPool().query('select count(*)::int as rows, max(n) as last from written');
        expect(rows[0]?.last).toBeGreaterThanOrEqual(written);
        expect(rows[0]?.rows).toBe(rows[0]?.last);
        expect(await lockFiles(folder)).toHaveLength(2);
        await db.close();
        expect(await lockFiles(folder)).toEqual([]);
      } finally {
        await writer.kill();
      }
    }));

  test('starts again after a first start that was interrupted', () =>
    withFolder(async (folder) => {
      await mkdir(join(folder, 'postgres'));
      await writeFile(join(folder, 'postgres', 'PG_VERSION'), '18\n');
      const log: string[] = [];
      const db = await openEmbedded({ dataDir: folder, log: (line) => log.push(line) });
      expect((await db.createPool().query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      expect(log).toEqual([expect.stringContaining('an interrupted first start was moved to')]);
      await db.close();
    }));

  test.each([
    ['data_folder_newer', { layout: 1, postgres: 19 }],
    ['data_folder_newer', { layout: 2, postgres: 18 }],
    ['data_folder_older', { layout: 1, postgres: 17 }],
  ])('is refused as %s when it is marked %j', (code, mark) =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'embedded-postgres.json'), JSON.stringify(mark));
      const opening = openEmbedded({ dataDir: folder });
      await expect(opening).rejects.toThrow(DataFolderVersionError);
      await expect(opening).rejects.toMatchObject({ code, folder });
      expect(await lockFiles(folder)).toEqual([]);
    }),
  );
});

describe('a lock left behind', () => {
  const leave = async (folder: string, holder: Partial<ProcessIdentity> & { socket?: string }) =>
    writeFile(join(folder, 'lock.4'), JSON.stringify({ ...(await thisProcess()), nonce: 'x', ...holder }));
  const acquire = async (folder: string) => {
    const lock = await DataFolderLock.acquire(folder);
    const files = await lockFiles(folder);
    await lock.release();
    return files;
  };
  const takenOver = [expect.stringMatching(/^alive-/), 'lock.5'];

  test('by a process whose pid another one has now is taken over', () =>
    withFolder(async (folder) => {
      await leave(folder, { startedAt: '1', socket: 'alive-old.sock' });
      await writeFile(join(folder, 'alive-old.sock'), '');
      expect(await acquire(folder)).toEqual(takenOver);
    }));

  test('before the machine was restarted is taken over', () =>
    withFolder(async (folder) => {
      await leave(folder, { bootId: 'an earlier one' });
      expect(await acquire(folder)).toEqual(takenOver);
    }));

  test('in another container is held while its socket answers, whatever pids say', () =>
    withFolder(async (folder) => {
      await leave(folder, { pidNamespace: 'pid:[1]', pid: 1, hostname: 'other', socket: 'alive-other.sock' });
      const server = createServer().listen(join(folder, 'alive-other.sock'));
      await new Promise((resolve) => server.once('listening', resolve));
      await expect(acquire(folder)).rejects.toMatchObject({ code: 'data_folder_locked', pid: 1, folder });
      await new Promise((resolve) => server.close(resolve));
      expect(await acquire(folder)).toEqual(takenOver);
    }));

  test.each([
    ['on another machine', { bootId: 'other', hostname: 'other' }],
    ['in another container, without a socket', { pidNamespace: 'pid:[1]' }],
  ])('%s is respected, and the error names the file to delete', (_where, holder) =>
    withFolder(async (folder) => {
      await leave(folder, holder);
      await expect(acquire(folder)).rejects.toThrow(join(folder, 'lock.4'));
      expect(await readFile(join(folder, 'lock.4'), 'utf8')).not.toBe('');
    }),
  );

  test('that cannot be read is respected', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'lock.1'), '');
      await expect(acquire(folder)).rejects.toThrow(DataFolderLockedError);
    }));

  test('goes to exactly one of many that want it', () =>
    withFolder(async (folder) => {
      await leave(folder, { startedAt: '1' });
      const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => DataFolderLock.acquire(folder)));
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await lockFiles(folder)).toHaveLength(2);
    }));
});
