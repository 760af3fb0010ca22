import type { Consumer, Consumption, Log, System } from '@navette/domain';
import { type Delivery, deliverJob } from './deliver-job.ts';
import { createFetchGate } from './fetch-gate.ts';
import { startFetchWatchdog } from './fetch-watchdog.ts';
import type { FetchingWorker } from './fetching-worker.ts';
import type { DeliverJob } from './job-lanes.ts';
import { createTally } from './tally.ts';
import { createUnsettledAttempts } from './unsettled-attempts.ts';
import { within } from './within.ts';

/** What a consumer needs. */
export interface BullmqConsumerDeps {
  readonly consumption: Consumption;
  readonly system: Pick<System, 'after'>;
  readonly log: Log;
  /** Starts a worker that hands each job it fetches to `deliver`. */
  readonly startWorker: (deliver: DeliverJob) => FetchingWorker;
  /** How many jobs Redis would give the queue's workers now. */
  readonly waiting: () => Promise<number>;
}

/** Consumes one queue until it is stopped. */
export function createBullmqConsumer(deps: BullmqConsumerDeps): Consumer {
  const { consumption, system, log, startWorker } = deps;
  const { queue, concurrency, mayClaim } = consumption;
  const claiming = createTally();
  const running = createTally();
  const unsettled = createUnsettledAttempts(concurrency);
  let fetched = 0;

  const deliver: DeliverJob = async (...asked) => {
    fetched++;
    running.enter();
    try {
      return await deliverJob(delivery, ...asked);
    } finally {
      running.leave();
    }
  };

  let worker = startWorker(deliver);
  let retired: Promise<unknown> = Promise.resolve();
  const gate = createFetchGate({
    system,
    mayOpen: mayClaim,
    onHeld: () => worker.hold(),
    onOpened: () => worker.resume(),
  });
  const delivery: Delivery = { consumption, gate, claiming, unsettled, log, wakeAll: () => worker.wakeAll() };
  const endWatchdog = startFetchWatchdog({
    system,
    isIdle: () => !gate.held && running.count === 0,
    fetched: () => fetched,
    waiting: deps.waiting,
    onStuck: () => {
      log.warn({ queue, concurrency }, 'jobs wait and none is fetched: replacing the BullMQ worker');
      retired = Promise.all([retired, worker.retire()]);
      worker = startWorker(deliver);
    },
  });

  const stop = async () => {
    endWatchdog();
    gate.close();
    await claiming.idle();
  };

  const close = async (deadlineMs: number) => {
    await within(system, deadlineMs, stop().then(running.idle).then(unsettled.idle));
    if (running.count === 0) await worker.finish();
    await Promise.all([worker.retire(), retired]);
  };

  let closing: Promise<void> | undefined;
  return {
    stop,
    close: (deadlineMs) => {
      closing ??= close(deadlineMs);
      return closing;
    },
  };
}
