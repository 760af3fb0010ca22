import { rm } from 'node:fs/promises';
import { openEmbeddedPostgres } from '@navette/adapters/pglite';
import { openPostgres, pinnedSettings } from '@navette/adapters/postgres';
import { newDataFolder } from '../data-folder.mjs';
import { openSide } from './navette.mjs';

/** Nothing installed: PGlite in this process; the store is the queue. */
export async function open({ folder }) {
  const dataDir = await newDataFolder(folder, folder);
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
