import type { Claimant, ClaimedAttempt, Consumer, Consumption, System } from '@navette/domain';

/** What a consumer of the store's queue stands on. */
export interface QueueConsumerDeps {
  readonly dequeue: (claimant: Claimant, queue: string, limit: number) => Promise<ClaimedAttempt[]>;
  readonly system: Pick<System, 'after' | 'random'>;
}

/** A consumer that can be told to look. */
export interface QueueConsumer extends Consumer {
  /** There may be something to fetch. */
  wake(): void;
}

/**
 * A fetch takes so many at most. While the handlers of so many begin, the database would have nothing to do: where there
 * is room for as many again, they are asked for first.
 */
const maxFetch = 500;
/** How often it looks by itself, ms: what was queued without a wake-up waits this long at most. */
const pollEveryMs = 1_000;
/** The part of that which is random, so that many workers do not ask at the same time. */
const pollJitter = 0.2;
const backoffMs = { least: 100, most: 2_000 };

/**
 * Starts to consume one queue: claims as many tasks as there are free slots, as soon as there may be some — woken by a
 * hand-over, by a slot that becomes free while the queue is not known to be empty, or by the clock.
 */
export function startQueueConsumer({ dequeue, system }: QueueConsumerDeps, consumption: Consumption): QueueConsumer {
  const { worker, queue, concurrency, types, mayClaim, handle, onError } = consumption;
  /** Slots in which a handler runs, and attempts that are not settled yet. */
  const taken = { running: 0, unsettled: 0 };
  let onSettled = () => {};
  /** A fetch that failed may have been too much for its time: the next takes half as many, until some come through. */
  let fetchLimit = maxFetch;
  let mayHaveMore = true;
  let looking = false;
  let asking = false;
  const fetches = new Set<Promise<void>>();
  let failures = 0;
  let cancelRest: (() => void) | undefined;
  let cancelPoll = () => {};
  let stopped = false;

  /** While results are being written the next handlers run: as many again may wait for their commit. */
  const freeSlots = () => Math.min(concurrency - taken.running, 2 * concurrency - taken.unsettled, fetchLimit);

  /** Slots that become free in one turn of the event loop are filled by one fetch. */
  const look = () => {
    if (looking) return;
    looking = true;
    setImmediate(() => {
      looking = false;
      fetchNext();
    });
  };

  const fetchNext = () => {
    const free = freeSlots();
    if (stopped || asking || cancelRest || !mayHaveMore || free <= 0 || !mayClaim()) return;
    const fetching = fetch(free).finally(() => fetches.delete(fetching));
    fetches.add(fetching);
  };

  const fetch = async (limit: number) => {
    const attempts = await ask(limit);
    taken.running += attempts.length;
    taken.unsettled += attempts.length;
    if (attempts.length === maxFetch && freeSlots() === maxFetch) await askFirst();
    for (const attempt of attempts) start(attempt);
    look();
  };

  /** Claims up to so many tasks; none where the store fails. */
  const ask = async (limit: number): Promise<ClaimedAttempt[]> => {
    asking = true;
    // A wake-up from here on may be about what this fetch does not see.
    mayHaveMore = false;
    try {
      const attempts = await dequeue({ worker, types }, queue, limit);
      failures = 0;
      if (attempts.length === limit) {
        mayHaveMore = true;
        fetchLimit = Math.min(2 * fetchLimit, maxFetch);
      }
      return attempts;
    } catch (error) {
      mayHaveMore = true;
      fetchLimit = Math.ceil(limit / 2);
      rest();
      onError(error);
      return [];
    } finally {
      asking = false;
    }
  };

  /** Resolves when the next fetch has been sent. */
  const askFirst = () => {
    fetchNext();
    return new Promise<void>((resolve) => void setImmediate(resolve));
  };

  /** Begins an attempt, whose slot is taken. */
  const start = (attempt: ClaimedAttempt) => {
    let running = true;
    const leaveSlot = () => {
      if (!running) return;
      running = false;
      taken.running--;
      look();
    };
    void handle(attempt, leaveSlot).then(() => {
      leaveSlot();
      taken.unsettled--;
      look();
      if (taken.unsettled === 0) onSettled();
    });
  };

  /** After an error the store is left alone for a while. */
  const rest = () => {
    cancelRest = system.after(Math.min(backoffMs.least * 2 ** failures++, backoffMs.most), () => {
      cancelRest = undefined;
      look();
    });
  };

  const wake = () => {
    mayHaveMore = true;
    look();
  };

  const poll = () => {
    wake();
    cancelPoll = system.after(pollEveryMs * (1 - pollJitter * system.random()), poll);
  };
  poll();

  return {
    wake,
    stop: async () => {
      stopped = true;
      cancelPoll();
      cancelRest?.();
      await Promise.all(fetches);
    },
    close: async (deadlineMs) => {
      if (taken.unsettled === 0) return;
      let cancelDeadline = () => {};
      await new Promise<void>((resolve) => {
        onSettled = resolve;
        cancelDeadline = system.after(deadlineMs, resolve);
      });
      cancelDeadline();
    },
  };
}
