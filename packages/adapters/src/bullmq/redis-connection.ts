import type { Log } from '@navette/domain';
import { Redis, type RedisOptions } from 'ioredis';

/** Where Redis is: one endpoint, version 6.2 or later. */
export interface RedisAddress {
  /** `redis://` or `rediss://`, with credentials and database number if need be. */
  readonly redisUrl: string;
  /** Further ioredis options (TLS, family …); what the driver relies on overrides them. */
  readonly redisOptions?: RedisOptions | undefined;
}

/** The prefix of every key and channel. In braces: all keys of one installation share a slot of a Redis Cluster. */
export const defaultPrefix = '{navette}';

/** Whether it is the error of a server that has become a replica. Redis 6 has it in the middle of a script's error. */
export function isDemoted(error: unknown): boolean {
  return error instanceof Error && error.message.includes('READONLY');
}

/** What the driver relies on in every connection. */
const common: RedisOptions = {
  lazyConnect: false,
  // A socket that was given up does not keep the status `ready` for long.
  disconnectTimeout: 50,
  // A server that was just demoted is left for the one that the address stands for now.
  reconnectOnError: isDemoted,
};

/**
 * A connection for what somebody waits for. While Redis is away every command fails at once; nothing waits in memory,
 * nothing is sent again, and a server that sends nothing for `silenceMs` is given up together with all that waits for it.
 */
export function connectImpatiently(address: RedisAddress, silenceMs: number): Redis {
  return new Redis(address.redisUrl, {
    ...address.redisOptions,
    ...common,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: silenceMs,
    socketTimeout: silenceMs,
    retryStrategy: (times) => Math.min(100 * times, 1_000),
  });
}

/**
 * A connection for what goes on by itself: commands wait for Redis and are sent again after an outage, at most 2 s after
 * its end. Must be given up by `disconnect()`.
 */
export function connectPatiently(address: RedisAddress): Redis {
  return new Redis(address.redisUrl, {
    ...address.redisOptions,
    ...common,
    maxRetriesPerRequest: null,
    connectTimeout: 2_000,
    // Longer than any blocking read (10 s): only a connection that is dead without saying so is silent for this long.
    socketTimeout: 30_000,
    retryStrategy: (times) => Math.min(200 * times, 2_000),
  });
}

/** Logs an outage once, with its first error, and its end; `onLost` is called at each start. */
export function watchConnection(redis: Redis, log: Log, use: string, onLost: (error: Error) => void = () => {}): void {
  let lost = false;
  redis.on('error', (error: Error) => {
    if (lost) return;
    lost = true;
    log.warn({ err: error, use }, 'lost Redis, reconnecting');
    onLost(error);
  });
  redis.on('ready', () => {
    if (lost) log.info({ use }, 'Redis is back');
    lost = false;
  });
}
