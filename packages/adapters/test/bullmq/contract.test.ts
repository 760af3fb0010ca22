import { describe } from 'vitest';
import { createBullmqBroker, createRedisEvents } from '../../src/bullmq/index.ts';
import { createMemoryStore } from '../../src/memory/index.ts';
import { createSystem } from '../../src/system/index.ts';
import { describeBrokerContract } from '../contracts/broker-contract.ts';
import { describeEventsContract } from '../contracts/events-contract.ts';
import { freshName, redisUrl, skipWithoutRedis } from '../servers.ts';
import { connected, dropKeys } from './broker-scene.ts';

describe.skipIf(await skipWithoutRedis())('on Redis', () => {
  describeBrokerContract('BullMQ over the memory store', async () => {
    const prefix = `{${freshName()}}`;
    const store = createMemoryStore({ system: createSystem() });
    const broker = createBullmqBroker({ redisUrl, prefix });
    await connected(broker);
    const close = async () => {
      await broker.close();
      await store.close();
      await dropKeys(prefix);
    };
    return { store, broker, close };
  });

  describeEventsContract('Redis pub/sub', async () => {
    const prefix = `{${freshName()}}`;
    const [events, elsewhere] = [createRedisEvents({ redisUrl, prefix }), createRedisEvents({ redisUrl, prefix })];
    const close = async () => {
      await Promise.all([events.close(), elsewhere.close()]);
    };
    return { events, elsewhere, close };
  });
});
