import type pg from 'pg';
import { pinnedSettings, searchSettings } from '../../src/postgres/connections.ts';
import { openEmbedded } from '../pglite/embedded.ts';
import { type TestDatabase, testDatabaseOn } from '../postgres/database.ts';

/** A test database on a PGlite. */
export interface EmbeddedDatabase extends TestDatabase {
  /** Makes a further pool, whose connections have prepared nothing yet. */
  createPool(max: number): pg.Pool;
}

/** Makes one on a PGlite of its own. */
export async function openEmbeddedDatabase(): Promise<EmbeddedDatabase> {
  const embedded = await openEmbedded();
  const createPool = (max: number, settings = pinnedSettings) =>
    embedded.createPool({ max, settings, transactionLimitMs: Number.POSITIVE_INFINITY });
  const pool = createPool(10);
  const searchPool = createPool(2, searchSettings);
  const database = await testDatabaseOn({ pool, hotPool: pool, searchPool, embedded: true });
  return { ...database, createPool, drop: () => embedded.close() };
}
