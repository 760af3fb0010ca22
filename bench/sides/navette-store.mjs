import { openPostgres } from '@navette/adapters/postgres';
import pg from 'pg';
import { openSide } from './navette.mjs';

/** PostgreSQL only: the store is the queue. */
export async function open({ databaseUrl }) {
  const opened = openPostgres({ connectionString: databaseUrl });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const close = async () => {
    await opened.close();
    await pool.end();
  };
  return openSide({ opened, pool, close });
}
