import { createBullmqBroker, createRedisEvents } from '@navette/adapters/bullmq';
import { openPostgres } from '@navette/adapters/postgres';
import { openSide } from './navette.mjs';

export { does } from './navette.mjs';

/** BullMQ on Redis says which task is next. */
export const open = ({ databaseUrl, redisUrl }) =>
  openSide(async () => {
    const postgres = openPostgres({ connectionString: databaseUrl });
    return {
      ...postgres,
      broker: createBullmqBroker({ redisUrl, queues: ['bench'] }),
      events: createRedisEvents({ redisUrl }),
    };
  });
