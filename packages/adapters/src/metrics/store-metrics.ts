import {
  type LiveWorker,
  type Log,
  type Navette,
  type QueueFlow,
  type QueueSummary,
  taskStates,
} from '@navette/domain';
import { Gauge } from 'prom-client';
import type { Metrics } from './metrics.ts';

/** What is counted in the store is of at most this age, ms: scrapes of several servers cost no more than one. */
const freshMs = 5_000;
/** A store that has not answered by then is away, ms. A scrape does not wait for it any longer. */
const patienceMs = 1_000;

/**
 * Adds what the store knows: tasks, queues and workers. While it does not answer there is none of it, but for
 * `navette_store_up`, which is 0 then. Every process that serves this tells the same: take the greatest, not the sum.
 */
export function addStoreMetrics({ registry, refresh }: Metrics, navette: Navette, log: Log): void {
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `navette_${name}`, help, labelNames, registers });
  const up = gauge('store_up', '1 while the store answers.');
  const counts = {
    tasks: gauge('tasks', 'Tasks by queue and state.', ['queue', 'state']),
    oldest: gauge('queue_oldest_waiting_seconds', 'How long the longest-waiting queued task has waited.', ['queue']),
    paused: gauge('queue_paused', '1 while the queue is paused.', ['queue']),
    stalled: gauge('queue_stalled', '1: work waits, the workers have room or there is none, and none is started.', [
      'queue',
    ]),
    consumers: gauge('queue_consumers', 'Live workers that consume the queue.', ['queue']),
    workers: gauge('workers', 'Workers whose lease is live.'),
  };

  const forget = () => {
    for (const each of Object.values(counts)) each.reset();
    // Without labels it would be 0.
    counts.workers.remove();
  };

  const show = (queues: readonly QueueSummary[], workers: readonly LiveWorker[], flow: readonly QueueFlow[]) => {
    forget();
    counts.workers.set(workers.length);
    for (const { queue, paused, counts: tasks, oldestQueuedAt } of queues) {
      for (const state of taskStates) counts.tasks.set({ queue, state }, tasks[state]);
      const waitedMs = oldestQueuedAt ? Date.now() - oldestQueuedAt.getTime() : 0;
      counts.oldest.set({ queue }, Math.max(0, waitedMs) / 1000);
      counts.paused.set({ queue }, paused ? 1 : 0);
    }
    const consumed = new Set([...queues.map(({ queue }) => queue), ...navette.catalogue.queues()]);
    for (const queue of consumed) {
      const consumers = workers.filter((worker) => Object.hasOwn(worker.queues, queue)).length;
      counts.consumers.set({ queue }, consumers);
    }
    for (const { queue, stalled } of flow) counts.stalled.set({ queue }, stalled ? 1 : 0);
  };

  const read = async () => {
    try {
      show(...(await within(patienceMs, Promise.all([navette.queues(), navette.workers(), navette.flow()]))));
      up.set(1);
    } catch (error) {
      log.debug({ err: error }, 'the store could not be asked for its metrics');
      forget();
      up.set(0);
    }
  };

  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  refresh(() => {
    if (performance.now() - readAt < freshMs) return reading;
    readAt = performance.now();
    reading = read();
    return reading;
  });
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  // What comes too late is of no use, and its failure no news.
  work.catch(() => {});
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
