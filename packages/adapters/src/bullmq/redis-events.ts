import { randomUUID } from 'node:crypto';
import { type Log, type System, silentLog, type TaskEvents } from '@navette/domain';
import type { Redis } from 'ioredis';
import { createEventFanOut } from '../event-fan-out.ts';
import { createSystem } from '../system/index.ts';
import { decodeEvents } from './event-message.ts';
import { createHintPublisher } from './hint-publisher.ts';
import {
  connectImpatiently,
  connectPatiently,
  defaultPrefix,
  type RedisAddress,
  watchConnection,
} from './redis-connection.ts';
import { within } from './within.ts';

/** How events over Redis are set up. */
export interface RedisEventsOptions extends RedisAddress {
  /** Prefix of the channel, as the broker's; default `{navette}`. */
  readonly prefix?: string | undefined;
  /** Default: says nothing. */
  readonly log?: Log | undefined;
  /** Default: the machine's. */
  readonly system?: Pick<System, 'after' | 'monotonicMs'> | undefined;
  /** How long `subscribe` may wait for Redis before it goes on with this process's own events, ms; default 800. */
  readonly deadlineMs?: number | undefined;
}

/**
 * Makes events over Redis pub/sub. This process hears its own at once, whether or not Redis can be reached; those of
 * others come while it can, and again by themselves after an outage.
 */
export function createRedisEvents(options: RedisEventsOptions): TaskEvents {
  const { prefix = defaultPrefix, log = silentLog, system = createSystem(), deadlineMs = 800 } = options;
  const channel = `${prefix}:hints`;
  const origin = randomUUID();
  const fanOut = createEventFanOut((error) => log.warn({ err: error }, 'a listener to events failed'));
  const redis = connectImpatiently(options, deadlineMs);
  watchConnection(redis, log, 'events, publishing');
  const publisher = createHintPublisher({ redis, channel, origin, system, log });
  let ear: { redis: Redis; listening: Promise<unknown> } | undefined;
  let closed = false;

  const receive = (message: string) => {
    const decoded = decodeEvents(message);
    if (!decoded) return log.warn({ length: message.length }, 'ignored a message that is not of Navette');
    if (decoded.origin === origin) return;
    for (const event of decoded.events) fanOut.deliver(event);
  };

  const openEar = () => {
    const redis = connectPatiently(options);
    watchConnection(redis, log, 'events, listening');
    redis.on('message', (_channel, message) => receive(message));
    const listening = redis.subscribe(channel).catch((error: unknown) => {
      if (!closed) log.warn({ err: error }, 'cannot listen to events of other processes');
    });
    return { redis, listening };
  };

  return {
    publish: (events) => {
      if (closed) return;
      queueMicrotask(() => {
        for (const event of events) fanOut.deliver(event);
      });
      publisher.publish(events);
    },
    subscribe: async (taskId, listener) => {
      const end = fanOut.add(taskId, listener);
      if (closed) return end;
      ear ??= openEar();
      if (ear.redis.status !== 'reconnecting') await within(system, deadlineMs, ear.listening);
      return end;
    },
    close: async () => {
      closed = true;
      fanOut.clear();
      ear?.redis.disconnect();
      await publisher.close();
    },
  };
}
