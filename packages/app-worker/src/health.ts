import type { TaskBroker, TaskStore } from '@navette/domain';
import { Hono } from 'hono';
import type { WorkerService } from './worker.ts';

/** What a worker's health is made of. */
export interface HealthParts {
  readonly store: Pick<TaskStore, 'healthy'>;
  readonly broker: Pick<TaskBroker, 'healthy'>;
  readonly worker: Pick<WorkerService, 'status'>;
}

/**
 * The worker's health over HTTP: `/health/live` while the process answers; `/health/ready` with 200 while it can take
 * work, else 503.
 */
export function createHealthApp({ store, broker, worker }: HealthParts): Hono {
  const app = new Hono();
  app.get('/health/live', (c) => c.json({ status: 'ok' }));
  app.get('/health/ready', async (c) => {
    const [storeAnswers, brokerAnswers] = await Promise.all([store.healthy(), broker.healthy()]);
    const work = worker.status();
    const checks = {
      store: { status: statusOf(storeAnswers) },
      broker: { status: statusOf(brokerAnswers) },
      worker: { status: statusOf(work?.state === 'running' && work.leased && work.stalled.length === 0), ...work },
    };
    const ready = Object.values(checks).every((check) => check.status === 'ok');
    return c.json({ status: statusOf(ready), checks }, ready ? 200 : 503);
  });
  return app;
}

function statusOf(well: boolean): 'ok' | 'down' {
  return well ? 'ok' : 'down';
}
