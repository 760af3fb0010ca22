import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbeddedPostgres } from '@navette/adapters/pglite';
import { openPostgres, pinnedSettings } from '@navette/adapters/postgres';
import { openSide } from './navette.mjs';

/** Nothing installed: PGlite in this process; the store is the queue. */
export async function open({ folder }) {
  const dataDir = await mkdtemp(join(folder, 'database-'));
  const embedded = await openEmbeddedPostgres({ dataDir });
  const transactionLimitMs = Number.POSITIVE_INFINITY;
  const opened = openPostgres({ pool: embedded.createPool({ settings: pinnedSettings }), embedded: true });
  const close = async () => {
    await opened.close();
    await embedded.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  return openSide({ opened, pool: embedded.createPool({ transactionLimitMs }), close });
}
