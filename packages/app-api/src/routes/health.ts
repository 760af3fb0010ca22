import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Navette } from '@navette/domain';
import type { AppEnv } from '../access.ts';
import { problemResponses } from '../schemas/problem.ts';

/** Answers whether a part works now. A check that rejects, or takes too long, is a `false`. */
export type HealthCheck = () => Promise<boolean>;

/** What readiness looks at. Without the store nothing is accepted; the others only degrade. */
export interface HealthChecks {
  readonly store: HealthCheck;
  readonly [other: string]: HealthCheck;
}

/** The check that no queue stalls: that work which waits is started. */
export function workFlows(navette: Pick<Navette, 'flow'>): HealthCheck {
  return async () => (await navette.flow()).every(({ stalled }) => !stalled);
}

/** How long a check may take, ms. */
const checkWithinMs = 1_000;

const readiness = z
  .object({
    status: z.enum(['ok', 'degraded', 'unavailable']),
    checks: z.record(z.string(), z.enum(['ok', 'unavailable'])),
  })
  .openapi('Readiness');

const live = createRoute({
  method: 'get',
  path: '/health/live',
  tags: ['Health'],
  summary: 'Whether the process answers',
  security: [],
  responses: {
    200: {
      description: 'It does.',
      content: { 'application/json': { schema: z.object({ status: z.literal('ok') }) } },
    },
    ...problemResponses(403),
  },
});

const ready = createRoute({
  method: 'get',
  path: '/health/ready',
  tags: ['Health'],
  summary: 'Whether submissions are kept now',
  security: [],
  responses: {
    200: {
      description: 'They are; `degraded`: but the broker is away, or work waits and none of it is started.',
      content: { 'application/json': { schema: readiness } },
    },
    ...problemResponses(403),
    503: { description: 'The store is away.', content: { 'application/json': { schema: readiness } } },
  },
});

/** Adds the calls for whoever watches the process; they need no key. */
export function addHealth(app: OpenAPIHono<AppEnv>, checks: HealthChecks): void {
  app.openapi(live, (c) => c.json({ status: 'ok' as const }, 200));

  app.openapi(ready, async (c) => {
    const names = Object.keys(checks);
    const results = await Promise.all(names.map(async (name) => [name, await outcomeOf(checks[name]!)] as const));
    const outcomes = Object.fromEntries(results);
    if (outcomes.store === 'unavailable') return c.json({ status: 'unavailable' as const, checks: outcomes }, 503);
    const degraded = results.some(([, outcome]) => outcome !== 'ok');
    return c.json({ status: degraded ? ('degraded' as const) : ('ok' as const), checks: outcomes }, 200);
  });
}

async function outcomeOf(check: HealthCheck): Promise<'ok' | 'unavailable'> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, checkWithinMs, false);
  });
  const healthy = await Promise.race([check().catch(() => false), tooLong]);
  clearTimeout(timer);
  return healthy ? 'ok' : 'unavailable';
}
