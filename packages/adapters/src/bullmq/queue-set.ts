import type { Log } from '@navette/domain';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { repliesOf } from './ask-redis.ts';
import { createGatheringClient } from './gathering-client.ts';

/** BullMQ's queues by name, all on one connection. */
export interface QueueSet {
  get(name: string): Queue;
  /** How many jobs a worker of the queue would be given now; none while it is paused, or limited by somebody. */
  waitingIn(name: string): Promise<number>;
  close(): Promise<void>;
}

/** A parked job counts as waiting when it has been due for this long, ms. */
const overdueMs = 1_000;
/** BullMQ keeps the moment when a delayed job is due in the upper bits of its score. */
const delayedScorePerMs = 0x1000;

/**
 * Makes a set of queues. BullMQ remembers for ever how its first look at Redis ended; the `skip…` options spare it that
 * look, so a queue made while Redis is away, or just going, is as good as any.
 */
export function createQueueSet(redis: Redis, prefix: string, log: Log): QueueSet {
  const connection = createGatheringClient(redis);
  const queues = new Map<string, Queue>();

  const get = (name: string): Queue => {
    const present = queues.get(name);
    if (present) return present;
    const queue = new Queue(name, { connection, prefix, skipVersionCheck: true, skipWaitingForReady: true });
    queue.on('error', (error) => log.debug({ err: error, queue: name }, 'an error of a BullMQ queue'));
    queues.set(name, queue);
    return queue;
  };

  return {
    get,
    waitingIn: async (name) => {
      const queue = get(name);
      const results = await redis
        .pipeline()
        .hmget(queue.toKey('meta'), 'paused', 'concurrency', 'max')
        .llen(queue.toKey('wait'))
        .zcard(queue.toKey('prioritized'))
        .zcount(queue.toKey('delayed'), 0, (Date.now() - overdueMs) * delayedScorePerMs)
        .exec();
      const [limits, ...counts] = repliesOf(results) as [(string | null)[], ...number[]];
      return limits.some((limit) => limit !== null) ? 0 : counts.reduce((sum, count) => sum + count, 0);
    },
    close: async () => {
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
    },
  };
}
