import type { TaskEvents } from '@navette/domain';
import type { BullmqBroker } from '../bullmq/index.ts';
import type { ServiceContext } from './service.ts';

/** The parts that are on Redis. */
export interface RedisParts {
  readonly openBroker: () => BullmqBroker;
  readonly openEvents: () => TaskEvents;
}

const closeWithinMs = 3_000;

/** Loads the drivers for Redis, if there is one. The shutdown closes what they open. */
export async function loadRedis({
  settings,
  log,
  shutdown,
}: Pick<ServiceContext<{ readonly REDIS_URL: string | undefined }>, 'settings' | 'log' | 'shutdown'>): Promise<
  RedisParts | undefined
> {
  const { REDIS_URL: redisUrl } = settings;
  if (redisUrl === undefined) return undefined;
  const { createBullmqBroker, createRedisEvents } = await import('../bullmq/index.ts');
  return {
    openBroker: () => {
      const broker = createBullmqBroker({ redisUrl, log });
      shutdown.add('broker', closeWithinMs, broker.close);
      return broker;
    },
    openEvents: () => {
      const events = createRedisEvents({ redisUrl, log });
      shutdown.add('events', closeWithinMs, events.close);
      return events;
    },
  };
}
