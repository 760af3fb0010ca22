import type { System, TaskBroker } from '@navette/domain';
import { createSystem } from '../system/index.ts';
import { readCommitted } from './committed-line.ts';
import { type QueueConsumer, startQueueConsumer } from './queue-consumer.ts';
import type { Signals } from './signals.ts';
import type { PostgresStore } from './store.ts';

/** What the broker stands on. */
export interface PostgresBrokerOptions {
  readonly store: Pick<PostgresStore, 'dequeue' | 'healthy'>;
  /** Wakes the consumers of other processes. */
  readonly signals: Signals;
  readonly system?: Pick<System, 'after' | 'random'> | undefined;
}

const wakePrefix = 'queue ';

/**
 * Makes a broker whose queue is the store: a task that is `queued` there is in it already, and a hand-over only wakes
 * the consumers, those of this process without a detour. Closing it leaves store and signals open.
 */
export function createPostgresBroker({ store, signals, system = createSystem() }: PostgresBrokerOptions): TaskBroker {
  const consumers = new Map<QueueConsumer, string>();
  const wakeHere = (queue: string) => {
    for (const [consumer, of] of consumers) if (of === queue) consumer.wake();
  };
  const wakeEverywhere = (queue: string) => {
    wakeHere(queue);
    signals.send(wakePrefix + queue, { once: true });
  };
  const leave = [
    signals.onLine((line) => {
      if (line.startsWith(wakePrefix)) wakeHere(line.slice(wakePrefix.length));
      else {
        const committed = readCommitted(line);
        if (committed?.state === 'queued') wakeHere(committed.queue);
      }
    }),
    // Wake-ups may have been lost while nobody listened.
    signals.onListening(() => {
      for (const consumer of consumers.keys()) consumer.wake();
    }),
  ];
  return {
    dispatch: async (dispatches) => {
      for (const queue of new Set(dispatches.map((dispatch) => dispatch.queue))) wakeEverywhere(queue);
    },
    consume: (consumption) => {
      const consumer = startQueueConsumer({ dequeue: store.dequeue, system }, consumption);
      consumers.set(consumer, consumption.queue);
      void signals.listening();
      return {
        stop: () => {
          consumers.delete(consumer);
          return consumer.stop();
        },
        close: consumer.close,
      };
    },
    setPaused: async (queue) => wakeEverywhere(queue),
    healthy: () => store.healthy(),
    close: async () => {
      for (const end of leave) end();
      await Promise.all([...consumers.keys()].map((consumer) => consumer.stop()));
      consumers.clear();
    },
  };
}
