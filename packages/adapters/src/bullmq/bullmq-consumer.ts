import type { Consumer, Consumption, Log, System } from '@navette/domain';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { type Delivery, deliverJob } from './deliver-job.ts';
import { createFetchGate } from './fetch-gate.ts';
import { startFetchWatchdog } from './fetch-watchdog.ts';
import { type StartWorker, startFetchingWorker } from './fetching-worker.ts';
import { createTally } from './tally.ts';
import { within } from './within.ts';

/** What a consumer needs. */
export interface BullmqConsumerDeps {
  readonly consumption: Consumption;
  readonly system: Pick<System, 'after'>;
  readonly log: Log;
  /** Opens a connection that waits for Redis as long as it takes. */
  readonly connect: () => Redis;
  readonly startWorker: StartWorker;
  /** How many jobs Redis would give the queue's workers now. */
  readonly waiting: () => Promise<number>;
}

/** Consumes one queue until it is stopped. */
export function createBullmqConsumer(deps: BullmqConsumerDeps): Consumer {
  const { consumption, system, log } = deps;
  const { queue, concurrency, onError, mayClaim } = consumption;
  const claiming = createTally();
  const running = createTally();
  let fetched = 0;

  const deliver = async (job: Job, token = '') => {
    fetched++;
    running.enter();
    try {
      await deliverJob(delivery, job, token);
    } finally {
      running.leave();
    }
  };

  const start = () => startFetchingWorker({ ...deps, queue, deliver, onError });
  let worker = start();
  let retired: Promise<unknown> = Promise.resolve();
  const gate = createFetchGate({
    system,
    mayOpen: mayClaim,
    onHeld: () => worker.hold(),
    onOpened: () => worker.resume(),
  });
  const delivery: Delivery = { consumption, gate, claiming, log, wakeAll: () => worker.wakeAll() };
  const endWatchdog = startFetchWatchdog({
    system,
    isIdle: () => !gate.held && running.count === 0,
    fetched: () => fetched,
    waiting: deps.waiting,
    onStuck: () => {
      log.warn({ queue, concurrency }, 'jobs wait and none is fetched: replacing the BullMQ worker');
      retired = Promise.all([retired, worker.retire()]);
      worker = start();
    },
  });

  const stop = async () => {
    endWatchdog();
    gate.close();
    await claiming.idle();
  };

  const close = async (deadlineMs: number) => {
    await within(system, deadlineMs, stop().then(running.idle));
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
