import type { WorkerStatus } from '@navette/domain';
import { Gauge } from 'prom-client';
import type { Metrics } from './metrics.ts';

/**
 * Adds how the worker of this process is doing.
 * @param status `undefined` before its start
 * @param queues those it consumes
 */
export function addWorkerMetrics(
  { registry, refresh }: Metrics,
  status: () => WorkerStatus | undefined,
  queues: readonly string[],
): void {
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `navette_worker_${name}`, help, labelNames, registers });
  const ready = gauge('ready', '1 while the worker runs and its lease is beyond doubt.');
  const running = gauge('running_attempts', 'Attempts under way.');
  const abandoned = gauge(
    'abandoned_handlers',
    'Handlers that ignored their signal and were given up, since the start.',
  );
  const stalled = gauge('stalled', '1 for a queue in which work waits while the worker has room and starts none.', [
    'queue',
  ]);
  refresh(() => {
    const now = status();
    ready.set(now?.state === 'running' && now.leased ? 1 : 0);
    running.set(now?.running ?? 0);
    abandoned.set(now?.abandoned ?? 0);
    for (const queue of queues) stalled.set({ queue }, now?.stalled.some((each) => each.queue === queue) ? 1 : 0);
  });
}
