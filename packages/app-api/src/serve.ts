import { isLoopback, listen, type ShutdownList, withEndingWaits } from '@navette/adapters/container';
import { addStoreMetrics, type Metrics } from '@navette/adapters/metrics';
import type { Log, Navette, TaskBroker, TaskStore } from '@navette/domain';
import { createApiServer } from './api-server.ts';
import { createApp, type HealthCheck } from './app.ts';
import type { createBoard } from './board.ts';
import type { ApiSettings } from './config.ts';
import { createLazyBoard } from './lazy-board.ts';
import { workFlows } from './routes/health.ts';

/** What the API is served from. */
export interface ApiParts {
  readonly navette: Navette;
  readonly store: Pick<TaskStore, 'healthy'>;
  readonly broker: Pick<TaskBroker, 'healthy'>;
  /** What else readiness looks at. */
  readonly checks?: Readonly<Record<string, HealthCheck>> | undefined;
  /** BullMQ's own queues, for the board. */
  readonly rawQueues: Parameters<typeof createBoard>[1];
  readonly settings: Pick<ApiSettings, 'HOST' | 'PORT' | 'NAVETTE_API_KEYS' | 'NAVETTE_MAX_BODY_BYTES'>;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly version: string;
  readonly shutdown: ShutdownList;
}

/** How long the requests under way may take to be answered once the server stops, ms. */
const drainMs = 5_000;

/** A connection on which nothing moves for so long is ended, ms; a wait takes 60 s at most. */
const silenceMs = 120_000;

/**
 * Serves the API and the board, at once, whether or not the store can be reached; the server's URL.
 * @throws StartupError if it cannot listen there
 */
export async function serveApi({ settings, store, broker, shutdown, ...parts }: ApiParts): Promise<string> {
  const { navette, endWaits } = withEndingWaits(parts.navette);
  addStoreMetrics(parts.metrics, navette, parts.log);
  const stopping = new AbortController();
  const loadBoard = async () => (await import('./board.ts')).createBoard(navette, parts.rawQueues);
  const app = createApp({
    navette,
    health: { flow: workFlows(navette), ...parts.checks, store: () => store.healthy(), broker: () => broker.healthy() },
    maxBodyBytes: settings.NAVETTE_MAX_BODY_BYTES,
    stopping: stopping.signal,
    metrics: parts.metrics,
    board: createLazyBoard(loadBoard),
    log: parts.log,
    version: parts.version,
    apiKeys: settings.NAVETTE_API_KEYS ?? [],
    loopbackOnly: isLoopback(settings.HOST),
  });
  const server = createApiServer(app, parts.log);
  // Submissions line by line may be sent for hours; what is silent in both directions is ended.
  server.requestTimeout = 0;
  server.setTimeout(silenceMs);
  const running = await listen(server, settings.HOST, settings.PORT);
  shutdown.add('HTTP server', drainMs + 1_000, async () => {
    const stopped = running.stop(drainMs);
    endWaits();
    stopping.abort();
    await stopped;
  });
  parts.log.info({ api: running.url, docs: `${running.url}/docs`, board: `${running.url}/board` }, 'listening');
  return running.url;
}
