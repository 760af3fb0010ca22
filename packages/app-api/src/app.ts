import { OpenAPIHono } from '@hono/zod-openapi';
import type { Metrics } from '@navette/adapters/metrics';
import { type Log, type Navette, TaskNotFoundError } from '@navette/domain';
import type { Hono } from 'hono';
import { type AccessRules, type AppEnv, createAccessCheck } from './access.ts';
import { boardPath } from './lazy-board.ts';
import { problemResponse } from './problems.ts';
import { addDocs } from './routes/docs.ts';
import { addEvents } from './routes/events.ts';
import { addHealth, type HealthChecks } from './routes/health.ts';
import { addMetrics, countRequests } from './routes/metrics.ts';
import { addOperations } from './routes/operations.ts';
import { addQueues } from './routes/queues.ts';
import { addSubmitTask } from './routes/submit-task.ts';
import { addSubmitTasks } from './routes/submit-tasks.ts';
import { addTaskControl } from './routes/task-control.ts';
import { addTaskTypes } from './routes/task-types.ts';
import { addTasks } from './routes/tasks.ts';
import { unknownAddress } from './unknown-address.ts';
import { invalidQuery } from './zod-issues.ts';

export type { AccessRules, ApiKey, AppEnv } from './access.ts';
export type { HealthCheck, HealthChecks } from './routes/health.ts';

/** What the HTTP API is made of. */
export interface AppDeps extends AccessRules {
  readonly navette: Navette;
  readonly health: HealthChecks;
  /** Larger bodies are refused, bytes. */
  readonly maxBodyBytes: number;
  /** Raised when the process stops: what is answered without end is ended. */
  readonly stopping?: AbortSignal | undefined;
  /** Counts requests, and is served as `/metrics`, if given. */
  readonly metrics?: Pick<Metrics, 'observeRequest' | 'text'> | undefined;
  /** Served below `/board`, if given. */
  readonly board?: Hono | undefined;
  readonly log: Log;
  /** Of Navette, for the OpenAPI document. */
  readonly version: string;
}

/** The HTTP API: the routes, behind the access check. */
export type App = OpenAPIHono<AppEnv>;

/** Makes the HTTP API. It holds nothing: closing the Navette is its owner's affair. */
export function createApp(deps: AppDeps): App {
  const { navette, health, maxBodyBytes, stopping, metrics, board, log, version, ...access } = deps;
  const app: App = new OpenAPIHono<AppEnv>({
    defaultHook: (result, c) => {
      if (result.success) return;
      // The only path parameter that can be wrong in itself is the id of a task.
      if (result.target === 'param') throw new TaskNotFoundError(c.req.param('id') ?? '');
      throw invalidQuery(result.error);
    },
  });
  app.use(createAccessCheck(access));
  app.onError((error) => problemResponse(error, log));
  app.notFound((c) => {
    throw unknownAddress(app, c.req);
  });

  addSubmitTask(app, navette, maxBodyBytes);
  addSubmitTasks(app, navette, { maxBodyBytes, stopping, log });
  addTasks(app, navette);
  addEvents(app, navette, log);
  addTaskControl(app, navette);
  addOperations(app, navette, maxBodyBytes);
  addTaskTypes(app, navette);
  addQueues(app, navette);
  addHealth(app, health);
  if (metrics) addMetrics(app, metrics);
  addDocs(app, version);
  if (board) app.get(`${boardPath}/`, (c) => c.redirect(boardPath)).route(boardPath, board);
  if (metrics) countRequests(app, metrics.observeRequest);
  return app;
}
