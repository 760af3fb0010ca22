import { BrokerUnavailableError, type System } from '@navette/domain';
import type { Redis } from 'ioredis';

/**
 * Asks Redis something. Whatever goes wrong, and no answer within the deadline, is a broker that is unavailable.
 * @throws BrokerUnavailableError
 */
export type AskRedis = <T>(question: () => Promise<T>) => Promise<T>;

/** Makes a door to one connection. */
export function createAskRedis(redis: Redis, system: Pick<System, 'after'>, deadlineMs: number): AskRedis {
  return async (question) => {
    // Asked of a client that is not ready, BullMQ and ioredis wait for as long as it takes.
    if (redis.status !== 'ready') throw new BrokerUnavailableError('Redis is not connected');
    let cancel = () => {};
    const tooLate = new Promise<never>((_, reject) => {
      cancel = system.after(deadlineMs, () =>
        reject(new BrokerUnavailableError(`Redis did not answer within ${deadlineMs} ms`)),
      );
    });
    try {
      return await Promise.race([question(), tooLate]);
    } catch (cause) {
      throw unavailable(cause);
    } finally {
      cancel();
    }
  };
}

/** What callers see of an error of Redis. */
export function unavailable(cause: unknown): BrokerUnavailableError {
  if (cause instanceof BrokerUnavailableError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new BrokerUnavailableError(`Redis failed: ${message}`, { cause });
}

/** The replies of a pipeline or transaction. @throws the first error among them. */
export function repliesOf(results: readonly (readonly [Error | null, unknown])[] | null): unknown[] {
  if (results === null) throw new Error('the transaction was discarded');
  return results.map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
}
