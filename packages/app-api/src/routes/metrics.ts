import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type Metrics, metricsMediaType } from '@navette/adapters/metrics';
import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { AppEnv } from '../access.ts';
import { problemResponses } from '../schemas/problem.ts';
import { noQuery } from '../schemas/values.ts';

const getMetrics = createRoute({
  method: 'get',
  path: '/metrics',
  tags: ['Health'],
  summary: 'The metrics of this process, for Prometheus',
  request: { query: noQuery },
  responses: {
    200: {
      description: 'Its text format. While the store does not answer, what is counted in it is left out.',
      content: { [metricsMediaType]: { schema: z.string() } },
    },
    ...problemResponses(400, 401, 403, 500),
  },
});

/** Adds the call that Prometheus scrapes. */
export function addMetrics(app: OpenAPIHono<AppEnv>, metrics: Pick<Metrics, 'text'>): void {
  app.openapi(getMetrics, async (c) => c.text(await metrics.text(), 200, { 'Content-Type': metricsMediaType }));
}

/** Makes what counts every request, whatever becomes of it. */
export function countRequests(observe: Metrics['observeRequest']): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const startedAt = performance.now();
    await next();
    observe(c.req.method, routeOf(c), c.res.status, performance.now() - startedAt);
  };
}

/** As it is written in the code: there are as many as there are routes, and no more. */
function routeOf(c: Context): string {
  const path = routePath(c, -1);
  // Nothing but what is there for every path has been found.
  return path === '/*' || path === '*' ? 'none' : path;
}
