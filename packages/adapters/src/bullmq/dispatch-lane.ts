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
/** A batch takes no more callers from this size on. */
const fullAt = 500;

interface Batch {
  readonly dispatches: Dispatch[];
  readonly done: Promise<void>;
  settle(error?: unknown): void;
}

/** Makes a lane: while one batch is on its way the next gathers, so an idle lane adds no delay. */
export function createDispatchLane({ send, system, deadlineMs }: DispatchLaneDeps): DispatchLane {
  const waiting: Batch[] = [];
  let waitingCount = 0;
  let sending: Promise<void> | undefined;

  const openBatch = (): Batch => {
    const last = waiting.at(-1);
    if (last && last.dispatches.length < fullAt) return last;
    const batch = createBatch();
    // The deadline of its first caller is everybody's: the others came while the same batch was on its way.
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

  /** Sends batch after batch. A batch whose deadline has passed is given up by its callers, not by the lane. */
  const sendAll = async () => {
    for (let batch = waiting[0]; batch; batch = waiting[0]) {
      leaveQueue(batch);
      try {
        await send(batch.dispatches);
        batch.settle();
      } catch (error) {
        batch.settle(unavailable(error));
      }
    }
    sending = undefined;
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
      sending ??= sendAll();
      await batch.done;
    },
    idle: async () => sending,
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
