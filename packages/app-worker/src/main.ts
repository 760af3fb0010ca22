import 'reflect-metadata';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import {
  createContainer,
  isLoopback,
  listen,
  runService,
  type ServiceContext,
  tokens,
} from '@navette/adapters/container';
import { addWorkerMetrics } from '@navette/adapters/metrics';
import { readWorkerSettings, type WorkerSettings, workerVariables } from './config.ts';
import { createHealthApp, type HealthParts } from './health.ts';
import { loadTasks } from './load-tasks.ts';
import { createWorkerService } from './worker.ts';

const closeHealthMs = 1_000;

await runService({
  name: 'navette-worker',
  summary: 'Runs the tasks of a Navette.',
  manifest: new URL('../package.json', import.meta.url),
  variables: workerVariables,
  readSettings: readWorkerSettings,
  start,
});

async function start(context: ServiceContext<WorkerSettings>): Promise<void> {
  const { settings, shutdown, fail } = context;
  const container = await createContainer({ ...context, tasks: await loadTasks(settings) });
  const worker = createWorkerService(container.resolve(tokens.navette), settings);
  const metrics = container.resolve(tokens.metrics);
  addWorkerMetrics(metrics, worker.status, worker.queues);
  if (settings.PORT !== undefined) {
    const [store, broker] = [container.resolve(tokens.store), container.resolve(tokens.broker)];
    const apiKeys = settings.NAVETTE_API_KEYS ?? [];
    const loopbackOnly = isLoopback(settings.HOST);
    await serveHealth({ store, broker, worker, metrics, apiKeys, loopbackOnly }, settings.PORT, context);
  }
  shutdown.add('worker', worker.stopsWithinMs, worker.stop);
  container.resolve(tokens.ready).then(worker.start, fail);
}

async function serveHealth(parts: HealthParts, port: number, context: ServiceContext<WorkerSettings>): Promise<void> {
  const server = createAdaptorServer(createHealthApp(parts)) as Server;
  const running = await listen(server, context.settings.HOST, port);
  context.shutdown.add('health server', closeHealthMs + 1_000, () => running.stop(closeHealthMs));
  context.log.info({ url: `${running.url}/health/ready` }, 'listening');
}
