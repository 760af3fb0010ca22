import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Navette, Task } from '@navette/domain';
import type { AppEnv } from '../access.ts';
import { refusals } from '../schemas/problem.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';
import { noQuery, taskPath } from '../schemas/values.ts';

const task = { 'application/json': { schema: taskSchema } };
const request = { params: taskPath, query: noQuery };

const cancel = createRoute({
  method: 'post',
  path: '/tasks/{id}/cancel',
  tags: ['Tasks'],
  summary: 'Cancel a task',
  request,
  responses: {
    200: { description: 'It is cancelled, or was already.', content: task },
    202: { description: 'It is running, and has been asked to stop.', content: task },
    ...refusals(400, 404, 409),
  },
});

const retry = createRoute({
  method: 'post',
  path: '/tasks/{id}/retry',
  tags: ['Tasks'],
  summary: 'Run a finished task again',
  request,
  responses: { 202: { description: 'It is queued again.', content: task }, ...refusals(400, 404, 409) },
});

const promote = createRoute({
  method: 'post',
  path: '/tasks/{id}/promote',
  tags: ['Tasks'],
  summary: 'Make a scheduled or retrying task due now',
  request,
  responses: { 202: { description: 'It is queued.', content: task }, ...refusals(400, 404, 409) },
});

/** Adds the calls that change what becomes of a task. */
export function addTaskControl(app: OpenAPIHono<AppEnv>, navette: Navette): void {
  /** The task as the change left it, with its attempts; one that a worker has begun since is not of it. */
  const changed = async (task: Task) => {
    const { attempts } = await navette.get(task.id);
    return taskJson(
      task,
      attempts.filter(({ number }) => number <= task.attempt),
    );
  };

  app.openapi(cancel, async (c) => {
    const { task, requested } = await navette.cancel(c.req.valid('param').id);
    return c.json(await changed(task), requested ? 202 : 200);
  });
  app.openapi(retry, async (c) => c.json(await changed(await navette.retry(c.req.valid('param').id)), 202));
  app.openapi(promote, async (c) => c.json(await changed(await navette.promote(c.req.valid('param').id)), 202));
}
