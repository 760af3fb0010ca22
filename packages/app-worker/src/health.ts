import type { ApiKey } from '@navette/adapters/container';
import { type Metrics, metricsMediaType } from '@navette/adapters/metrics';
import type { TaskBroker, TaskStore } from '@navette/domain';
import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { bearerAuth } from 'hono/bearer-auth';
import { some } from 'hono/combine';
import type { WorkerService } from './worker.ts';

/** What a worker's health is made of. */
export interface HealthParts {
  readonly store: Pick<TaskStore, 'healthy'>;
  readonly broker: Pick<TaskBroker, 'healthy'>;
  readonly worker: Pick<WorkerService, 'status'>;
  readonly metrics: Pick<Metrics, 'text'>;
  /** Who may read the metrics; without keys everyone, if only this machine can ask. */
  readonly apiKeys: readonly ApiKey[];
  readonly loopbackOnly: boolean;
}

/**
 * The worker's health over HTTP: `/health/live` while the process answers; `/health/ready` with 200 while it can take
 * work, else 503. With a key, or on loopback without keys, `/metrics` too.
 */
export function createHealthApp({ store, broker, worker, metrics, apiKeys, loopbackOnly }: HealthParts): Hono {
  const app = new Hono();
  app.get('/health/live', (c) => c.json({ status: 'ok' }));
  app.get('/health/ready', async (c) => {
    const [storeAnswers, brokerAnswers] = await Promise.all([store.healthy(), broker.healthy()]);
    const work = worker.status();
    const checks = {
      store: outcomeOf(storeAnswers),
      broker: outcomeOf(brokerAnswers),
      worker: outcomeOf(work?.state === 'running' && work.leased),
      flow: outcomeOf(work?.stalled.length === 0),
    };
    const ready = Object.values(checks).every((check) => check === 'ok');
    return c.json({ status: outcomeOf(ready), checks, worker: work }, ready ? 200 : 503);
  });
  if (apiKeys.length > 0) app.use('/metrics', keyCheck(apiKeys));
  if (apiKeys.length > 0 || loopbackOnly) {
    app.get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'Content-Type': metricsMediaType }));
  }
  return app;
}

/** As the API does: a key's secret as Bearer, or its name and secret as Basic. */
function keyCheck(apiKeys: readonly ApiKey[]) {
  const [first, ...others] = apiKeys.map(({ name, secret }) => ({ username: name, password: secret }));
  const basic = basicAuth({ ...(first as NonNullable<typeof first>), realm: 'navette' }, ...others);
  return some(bearerAuth({ token: apiKeys.map(({ secret }) => secret), realm: 'navette' }), basic);
}

/** In the words of the API's readiness. */
function outcomeOf(well: boolean): 'ok' | 'unavailable' {
  return well ? 'ok' : 'unavailable';
}
