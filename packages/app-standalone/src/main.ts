import 'reflect-metadata';
import { resolve } from 'node:path';
import { createContainer, runService, type ServiceContext, tokens, variables } from '@navette/adapters/container';
import { addWorkerMetrics } from '@navette/adapters/metrics';
import { serveApi } from '@navette/app-api/serve';
import { createWorkerService, loadTasks } from '@navette/app-worker';
import { bannerOf } from './banner.ts';
import { readStandaloneSettings, type StandaloneSettings } from './config.ts';

await runService({
  name: 'navette',
  summary: 'API, worker and board in one process, with a database of its own unless DATABASE_URL names one.',
  manifest: new URL('../package.json', import.meta.url),
  variables,
  readSettings: readStandaloneSettings,
  start,
});

async function start(context: ServiceContext<StandaloneSettings>): Promise<void> {
  const { settings, shutdown, fail } = context;
  const container = await createContainer({ ...context, tasks: await loadTasks(settings) });
  const navette = container.resolve(tokens.navette);
  const [store, broker] = [container.resolve(tokens.store), container.resolve(tokens.broker)];
  const worker = createWorkerService(navette, settings, settings.DATABASE_URL === undefined);
  shutdown.add('worker', worker.stopsWithinMs, worker.stop);
  const metrics = container.resolve(tokens.metrics);
  addWorkerMetrics(metrics, worker.status, worker.queues);
  const rawQueues = container.resolve(tokens.rawQueues);
  const checks = { flow: async () => (worker.status()?.stalled.length ?? 0) === 0 };
  const url = await serveApi({ ...context, navette, store, broker, metrics, rawQueues, checks });
  const database =
    settings.DATABASE_URL === undefined ? `embedded, in ${resolve(settings.NAVETTE_DATA_DIR)}` : 'PostgreSQL';
  container
    .resolve(tokens.ready)
    .then(() => {
      worker.start();
      if (process.stdout.isTTY) process.stdout.write(bannerOf(url, database));
    })
    .catch(fail);
}
