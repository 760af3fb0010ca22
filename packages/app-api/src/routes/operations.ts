import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Json, Navette, OperationRequest } from '@navette/domain';
import type { AppEnv } from '../access.ts';
import { readJson } from '../body.ts';
import { chooseIdempotencyKey } from '../idempotency-key.ts';
import {
  operationJson,
  operationPreviewSchema,
  operationRequestSchema,
  operationSchema,
} from '../schemas/operation.ts';
import { refusals } from '../schemas/problem.ts';
import { listQuery } from '../schemas/queries.ts';
import { idempotencyKey } from '../schemas/submission.ts';
import { taskItemJson } from '../schemas/task.ts';
import { noQuery } from '../schemas/values.ts';
import { invalidRequest, refuseQuery } from '../zod-issues.ts';

const tags = ['Mass actions'];
const operation = { 'application/json': { schema: operationSchema } };
/** Not looked into: what is no id of an operation names none. */
const params = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' }, format: 'uuid' }) });

const example = {
  action: 'retry',
  filter: { state: ['failed'], type: 'http.request', finishedAfter: '2026-01-31T12:00:00Z' },
  perSecond: 50,
};

const start = createRoute({
  method: 'post',
  path: '/operations',
  tags,
  summary: 'Cancel or retry all tasks that a filter finds',
  request: {
    headers: z.object({ 'Idempotency-Key': idempotencyKey.optional().openapi({ description: 'Bare or quoted.' }) }),
    body: { required: true, content: { 'application/json': { schema: operationRequestSchema, example } } },
  },
  responses: {
    200: {
      description: 'With `dryRun`: what it would do. Without: it was started before with the same idempotency key.',
      content: { 'application/json': { schema: z.union([operationPreviewSchema, operationSchema]) } },
    },
    202: { description: 'It goes on by itself, whatever is restarted.', content: operation },
    ...refusals(400, 413, 415, 422),
  },
});

const list = createRoute({
  method: 'get',
  path: '/operations',
  tags,
  summary: 'The mass actions, newest first',
  request: { query: listQuery },
  responses: {
    200: {
      description: 'One page.',
      content: {
        'application/json': {
          schema: z
            .object({
              items: z.array(operationSchema),
              nextCursor: z
                .string()
                .nullable()
                .openapi({ description: 'Where the next page starts; null at the end.' }),
            })
            .openapi('OperationPage'),
        },
      },
    },
    ...refusals(400),
  },
});

const get = createRoute({
  method: 'get',
  path: '/operations/{id}',
  tags,
  summary: 'A mass action, as far as it has come',
  request: { params, query: noQuery },
  responses: { 200: { description: 'As it is now.', content: operation }, ...refusals(400, 404) },
});

const stop = createRoute({
  method: 'post',
  path: '/operations/{id}/stop',
  tags,
  summary: 'Stop a mass action; what it has done stays done',
  request: { params, query: noQuery },
  responses: {
    200: { description: 'It is stopped, or was over already.', content: operation },
    ...refusals(400, 404),
  },
});

/** Adds the calls about mass actions. */
export function addOperations(app: OpenAPIHono<AppEnv>, navette: Navette, maxBodyBytes: number): void {
  const { operations } = navette;

  app.openAPIRegistry.registerPath(start);
  // Reads the body by itself: only so is the JSON measured before it is parsed.
  app.post(start.path, async (c) => {
    refuseQuery(c.req.url);
    const sent = await readJson(c.req.raw, maxBodyBytes);
    const checked = operationRequestSchema.safeParse(sent);
    if (!checked.success) throw invalidRequest(checked.error);
    const { filter, dryRun, ...others } = checked.data;
    const { state: states, ...filters } = filter;
    const key = chooseIdempotencyKey(undefined, c.req.header('idempotency-key'));
    const request: OperationRequest = { ...others, filter: { ...filters, states }, idempotencyKey: key };
    if (dryRun) {
      const { count, sample } = await operations.preview(request);
      return c.json({ count, sample: sample.map((task) => taskItemJson(task, [])) }, 200);
    }
    const started = await operations.start(request, { scope: c.get('caller'), sent: sent as Json });
    const answer = operationJson(started.operation);
    c.header('Location', `/operations/${answer.id}`);
    if (!started.replayed) return c.json(answer, 202);
    c.header('Idempotent-Replayed', 'true');
    return c.json(answer, 200);
  });
  app.openapi(list, async (c) => {
    const { items, nextCursor } = await operations.list(c.req.valid('query'));
    return c.json({ items: items.map(operationJson), nextCursor }, 200);
  });
  app.openapi(get, async (c) => c.json(operationJson(await operations.get(c.req.valid('param').id)), 200));
  app.openapi(stop, async (c) => c.json(operationJson(await operations.stop(c.req.valid('param').id)), 200));
}
