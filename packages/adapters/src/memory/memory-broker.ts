import type { Consumer, Consumption, TaskBroker } from '@navette/domain';
import type { MemoryStore } from './memory-store.ts';

/** How often a consumer looks by itself, ms: what was queued without a hand-over waits this long at most. */
const pollEveryMs = 1_000;

/** What the broker needs of the store. */
type BrokerStore = Pick<MemoryStore, 'dequeue' | 'system'> & Partial<Pick<MemoryStore, 'transactions'>>;

/** Makes a broker whose queue is the memory store: a hand-over only wakes the consumers. */
export function createMemoryBroker({ store }: { readonly store: BrokerStore }): TaskBroker {
  const wakes = new Map<() => void, string>();
  const wake = (queue: string) => {
    for (const [fetch, of] of wakes) if (of === queue) fetch();
  };
  const leave = store.transactions?.onCommitted((tasks) => {
    for (const { queue } of tasks) wake(queue);
  });
  return {
    dispatch: async (dispatches) => {
      for (const queue of new Set(dispatches.map((dispatch) => dispatch.queue))) wake(queue);
    },
    consume: (consumption) => {
      const { fetch, ...consumer } = startConsumer(store, consumption, () => wakes.delete(fetch));
      wakes.set(fetch, consumption.queue);
      return consumer;
    },
    setPaused: async (queue) => wake(queue),
    healthy: async () => true,
    close: async () => leave?.(),
  };
}

function startConsumer(
  { dequeue, system }: Pick<MemoryStore, 'dequeue' | 'system'>,
  consumption: Consumption,
  onStopped: () => void,
): Consumer & { fetch(): void } {
  const { worker, queue, concurrency, types, mayClaim, handle, onError } = consumption;
  const underWay = new Set<Promise<void>>();
  let stopped = false;
  let fetching: Promise<void> | undefined;
  let askedAgain = false;
  let cancelPoll = () => {};

  const deliver = async (): Promise<void> => {
    const free = concurrency - underWay.size;
    if (stopped || free === 0 || !mayClaim()) return;
    for (const attempt of await dequeue({ worker, types }, queue, free)) {
      const handled = handle(attempt).finally(() => {
        underWay.delete(handled);
        fetch();
      });
      underWay.add(handled);
    }
  };

  /** One fetch at a time; asked for during one, it is repeated. */
  const fetch = () => {
    askedAgain = fetching !== undefined;
    fetching ??= deliver()
      .catch(onError)
      .finally(() => {
        fetching = undefined;
        if (askedAgain) fetch();
      });
  };

  const poll = () => {
    fetch();
    cancelPoll = system.after(pollEveryMs, poll);
  };
  poll();

  return {
    fetch,
    stop: async () => {
      stopped = true;
      cancelPoll();
      onStopped();
      await fetching;
    },
    close: async (deadlineMs) => {
      let cancelDeadline = () => {};
      const timeUp = new Promise<void>((resolve) => {
        cancelDeadline = system.after(deadlineMs, resolve);
      });
      await Promise.race([Promise.all(underWay), timeUp]);
      cancelDeadline();
    },
  };
}
