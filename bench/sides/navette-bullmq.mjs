import { createBullmqBroker, createRedisEvents } from '@navette/adapters/bullmq';
import { openPostgres } from '@navette/adapters/postgres';
import pg from 'pg';
import { openSide } from './navette.mjs';

/** Redis + PostgreSQL: BullMQ says which task is next. */
export async function open({ databaseUrl, redisUrl }) {
  const opened = openPostgres({ connectionString: databaseUrl });
  const broker = createBullmqBroker({ redisUrl });
  const events = createRedisEvents({ redisUrl });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const close = async () => {
    await opened.close();
    await pool.end();
  };
  return openSide({ opened: { ...opened, broker, events }, pool, close });
}
