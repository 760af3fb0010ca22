import type { Log, System, TaskEvent } from '@navette/domain';
import type { Redis } from 'ioredis';
import { encodeEvents } from './event-message.ts';

/** Sends events to other processes, many in a message. */
export interface HintPublisher {
  /** Never throws, never blocks. */
  publish(events: readonly TaskEvent[]): void;
  /** Sends what has not been sent yet, then lets go of Redis. */
  close(): Promise<void>;
}

/** What a publisher needs. */
export interface HintPublisherDeps {
  /** A connection that fails at once while Redis is away. */
  readonly redis: Redis;
  readonly channel: string;
  /** Names this process. */
  readonly origin: string;
  readonly system: Pick<System, 'after' | 'monotonicMs'>;
  readonly log: Log;
}

/** Few hints go at most once in so many ms; one that comes alone is not kept waiting. */
const publishEveryMs = 5;
/** So many go at once: the timer would come late, behind the work that they were told amid. */
const manyHints = 100;
/** More hints than this between two messages are dropped. */
const maxHints = 10_000;

/** Makes a publisher. Hints wait while a connection is being made, and are dropped when it fails. */
export function createHintPublisher({ redis, channel, origin, system, log }: HintPublisherDeps): HintPublisher {
  let outbox: TaskEvent[] = [];
  let sentAt = Number.NEGATIVE_INFINITY;
  let cancelSend: (() => void) | undefined;
  let scheduled = false;

  const send = async () => {
    scheduled = false;
    cancelSend?.();
    cancelSend = undefined;
    if (outbox.length === 0 || redis.status !== 'ready') return;
    const events = outbox;
    outbox = [];
    sentAt = system.monotonicMs();
    await redis
      .publish(channel, encodeEvents(origin, events))
      .catch((error: unknown) => log.debug({ err: error, events: events.length }, 'events were lost'));
  };

  /** With all that is told in the same breath, as when many results have been committed together. */
  const sendNow = () => {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(() => void send());
  };

  const sendSoon = () => {
    const waitMs = sentAt + publishEveryMs - system.monotonicMs();
    if (waitMs <= 0 || outbox.length >= manyHints) sendNow();
    else cancelSend ??= system.after(waitMs, () => void send());
  };

  redis.on('ready', sendSoon);
  redis.on('close', () => {
    outbox = [];
  });
  return {
    publish: (events) => {
      if (redis.status === 'reconnecting') return;
      outbox.push(...events.slice(0, maxHints - outbox.length));
      sendSoon();
    },
    close: async () => {
      await send();
      redis.disconnect();
    },
  };
}
