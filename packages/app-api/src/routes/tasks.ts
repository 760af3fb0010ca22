import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Navette } from '@navette/domain';
import type { AppEnv } from '../access.ts';
import { refusals } from '../schemas/problem.ts';
import { logQuery, searchQuery, taskQuery } from '../schemas/queries.ts';
import { logLineJson, taskItemJson, taskItemSchema, taskJson, taskSchema } from '../schemas/task.ts';
import { answeredMoment, taskPath } from '../schemas/values.ts';

const nextCursor = z.string().nullable().openapi({ description: 'Where the next page starts; null at the end.' });

const getTask = createRoute({
  method: 'get',
  path: '/tasks/{id}',
  tags: ['Tasks'],
  summary: 'One task, with its attempts',
  request: { params: taskPath, query: taskQuery },
  responses: {
    200: {
      description: 'The task as it is; with `wait`, as soon as it is over or the time is up.',
      content: { 'application/json': { schema: taskSchema } },
    },
    ...refusals(400, 404),
  },
});

const listTasks = createRoute({
  method: 'get',
  path: '/tasks',
  tags: ['Tasks'],
  summary: 'Find tasks, newest first',
  request: { query: searchQuery },
  responses: {
    200: {
      description: 'One page; payload and result are left out unless `include` asks for them.',
      content: {
        'application/json': { schema: z.object({ items: z.array(taskItemSchema), nextCursor }).openapi('TaskPage') },
      },
    },
    ...refusals(400, 422),
  },
});

const logLine = z
  .object({ seq: z.int(), attempt: z.int().min(1), at: answeredMoment, message: z.string() })
  .openapi('LogLine');

const getLogs = createRoute({
  method: 'get',
  path: '/tasks/{id}/logs',
  tags: ['Tasks'],
  summary: 'What the handler wrote',
  request: { params: taskPath, query: logQuery },
  responses: {
    200: {
      description: 'One page, oldest line first.',
      content: { 'application/json': { schema: z.object({ items: z.array(logLine), nextCursor }).openapi('LogPage') } },
    },
    ...refusals(400, 404),
  },
});

/** Adds the calls that read tasks. */
export function addTasks(app: OpenAPIHono<AppEnv>, navette: Navette): void {
  app.openapi(getTask, async (c) => {
    const { id } = c.req.valid('param');
    const { wait } = c.req.valid('query');
    const task = wait
      ? await navette.wait(id, { timeoutMs: wait * 1000, signal: c.req.raw.signal })
      : await navette.get(id);
    return c.json(taskJson(task, task.attempts), 200);
  });

  app.openapi(listTasks, async (c) => {
    const { state: states, include = [], limit = 50, ...filters } = c.req.valid('query');
    const { items, nextCursor } = await navette.search({ ...filters, states, limit, bare: include.length === 0 });
    return c.json({ items: items.map((task) => taskItemJson(task, include)), nextCursor }, 200);
  });

  app.openapi(getLogs, async (c) => {
    const { items, nextCursor } = await navette.logs(c.req.valid('param').id, c.req.valid('query'));
    return c.json({ items: items.map(logLineJson), nextCursor }, 200);
  });
}
