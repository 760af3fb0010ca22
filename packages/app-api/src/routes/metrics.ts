import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type Metrics, metricsMediaType } from '@navette/adapters/metrics';
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

/**
 * Has every request counted, whatever becomes of it. It stands around the app and is no middleware of it, which would
 * cost a submission several times as much.
 */
export function countRequests(app: OpenAPIHono<AppEnv>, observe: Metrics['observeRequest']): void {
  const answer = app.fetch;
  const routeOf = createRouteNames(app.routes.map(({ path }) => path));
  app.fetch = (request, ...others) => {
    const startedAt = performance.now();
    const count = (response: Response) => {
      observe(request.method, routeOf(request.url), response.status, performance.now() - startedAt);
      return response;
    };
    const response = answer(request, ...others);
    return response instanceof Promise ? response.then(count) : count(response);
  };
}

/** Names the route of a URL as it is written in the code: there are as many names as there are routes, and no more. */
function createRouteNames(paths: readonly string[]): (url: string) => string {
  const isPlain = (path: string) => !/[:*]/.test(path);
  const plain = new Set(paths.filter(isPlain));
  // What stands before every path is no route.
  const patterns = [...new Set(paths)]
    .filter((path) => !isPlain(path) && !/^\/?\*$/.test(path))
    .map((path) => ({ path, pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+').replace('*', '.*')}$`) }));
  return (url) => {
    const start = url.indexOf('/', 8);
    const query = url.indexOf('?', start);
    const path = query === -1 ? url.slice(start) : url.slice(start, query);
    if (plain.has(path)) return path;
    return patterns.find(({ pattern }) => pattern.test(path))?.path ?? 'none';
  };
}
