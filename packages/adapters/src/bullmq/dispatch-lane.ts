import { BrokerUnavailableError, type Dispatch, type System } from '@navette/domain';
import { unavailable } from './ask-redis.ts';

/** Hands the dispatches of one queue over, many at a time. */
export interface DispatchLane {
  /** Resolves once they are handed over; waits for its turn and the answer for at most the deadline. @throws BrokerUnavailableError */
  add(dispatches: readonly Dispatch[]): Promise<void>;
  /** Resolves when nothing waits. Never rejects. */
  idle(): Promise<void>;
}

/** What a lane needs. */
export interface DispatchLaneDeps {
  readonly send: (dispatches: readonly Dispatch[]) => Promise<unknown>;
  readonly system: Pick<System, 'after'>;
  readonly deadlineMs: number;
}

/** More than this many waiting are refused: the steward hands them over when there is room. */
const maxWaiting = 10_000;
/** Batches on their way at a time: Redis works on one while the next is being written. */
const maxOnTheirWay = 2;
/** A batch takes no more callers from this size on. */
const fullAt = 500;

interface Batch {
  readonly dispatches: Dispatch[];
  readonly done: Promise<void>;
  settle(error?: unknown): void;
}

/**
 * Makes a lane: what comes in one breath goes together, and while as many batches as may be are on their way the next
 * gathers. Batches reach Redis in their order.
 */
export function createDispatchLane({ send, system, deadlineMs }: DispatchLaneDeps): DispatchLane {
  const waiting: Batch[] = [];
  let waitingCount = 0;
  let scheduled = false;
  const onTheirWay = new Set<Promise<void>>();

  const openBatch = (): Batch => {
    const last = waiting.at(-1);
    if (last && last.dispatches.length < fullAt) return last;
    const batch = createBatch();
    // The deadline of its first caller is everybody's: the others came while the same batch was gathering.
    const cancel = system.after(deadlineMs, () => {
      leaveQueue(batch);
      batch.settle(new BrokerUnavailableError(`Redis did not answer within ${deadlineMs} ms`));
    });
    void batch.done.then(cancel, cancel);
    waiting.push(batch);
    return batch;
  };

  const leaveQueue = (batch: Batch) => {
    const place = waiting.indexOf(batch);
    if (place < 0) return;
    waiting.splice(place, 1);
    waitingCount -= batch.dispatches.length;
  };

  /** A batch whose deadline has passed is given up by its callers, not by the lane. */
  const sendBatch = async (batch: Batch) => {
    leaveQueue(batch);
    try {
      await send(batch.dispatches);
      batch.settle();
    } catch (error) {
      batch.settle(unavailable(error));
    }
  };

  const start = () => {
    scheduled = false;
    while (onTheirWay.size < maxOnTheirWay && waiting[0]) {
      const sending = sendBatch(waiting[0]).then(() => {
        onTheirWay.delete(sending);
        start();
      });
      onTheirWay.add(sending);
    }
  };

  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(start);
  };

  return {
    add: async (dispatches) => {
      if (dispatches.length === 0) return;
      if (waitingCount + dispatches.length > maxWaiting) {
        throw new BrokerUnavailableError(`more than ${maxWaiting} hand-overs wait for Redis`);
      }
      const batch = openBatch();
      batch.dispatches.push(...dispatches);
      waitingCount += dispatches.length;
      schedule();
      await batch.done;
    },
    idle: async () => {
      // What is on its way is followed by what waits.
      while (scheduled || onTheirWay.size > 0) await Promise.all(onTheirWay);
    },
  };
}

function createBatch(): Batch {
  let resolve = () => {};
  let reject: (error: unknown) => void = () => {};
  const done = new Promise<void>((onDone, onFailed) => {
    resolve = onDone;
    reject = onFailed;
  });
  return { dispatches: [], done, settle: (error) => (error === undefined ? resolve() : reject(error)) };
}
