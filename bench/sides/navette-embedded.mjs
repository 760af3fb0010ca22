import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedPostgres } from '@navette/adapters/pglite';
import { openPostgres, pinnedSettings } from '@navette/adapters/postgres';
import { openSide } from './navette.mjs';

export { does } from './navette.mjs';

/** PGlite in this process; the store is the queue. Not durable against a power cut. */
export const open = () =>
  openSide(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'navette-bench-'));
    const embedded = await openEmbeddedPostgres({ dataDir: join(folder, 'data') });
    const opened = openPostgres({ pool: embedded.createPool({ settings: pinnedSettings }), embedded: true });
    return {
      ...opened,
      close: async () => {
        await opened.close();
        await embedded.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  });
