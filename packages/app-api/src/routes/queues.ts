import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type Navette, type QueueSummary, type TaskState, taskStates } from '@navette/domain';
import type { AppEnv } from '../access.ts';
import { HttpError } from '../problems.ts';
import { refusals } from '../schemas/problem.ts';
import { answeredMoment, noQuery } from '../schemas/values.ts';

const counts = Object.fromEntries(taskStates.map((state) => [state, z.int()])) as Record<TaskState, z.ZodInt>;

const queue = z
  .object({
    name: z.string().openapi({ example: 'default' }),
    paused: z.boolean(),
    counts: z.object(counts),
    oldestQueuedAt: answeredMoment.nullable(),
    oldestQueuedMs: z.int().nullable().openapi({ description: 'How long the oldest queued task has waited.' }),
    consumers: z.int().openapi({ description: 'Live workers that consume it.' }),
  })
  .openapi('Queue');

const listQueues = createRoute({
  method: 'get',
  path: '/queues',
  tags: ['Task types and queues'],
  summary: 'The queues, with their tasks counted by state',
  request: { query: noQuery },
  responses: {
    200: {
      description: 'All of them, by name.',
      content: { 'application/json': { schema: z.object({ items: z.array(queue) }).openapi('Queues') } },
    },
    ...refusals(400),
  },
});

const controlQueue = {
  method: 'post' as const,
  tags: ['Task types and queues'],
  request: { params: z.object({ name: z.string() }), query: noQuery },
  responses: {
    200: {
      description: 'Done.',
      content: { 'application/json': { schema: z.object({ name: z.string(), paused: z.boolean() }) } },
    },
    ...refusals(400, 404),
  },
};

const pauseQueue = createRoute({
  ...controlQueue,
  path: '/queues/{name}/pause',
  summary: 'Start nothing new from a queue; what runs goes on',
});

const resumeQueue = createRoute({ ...controlQueue, path: '/queues/{name}/resume', summary: 'Let a queue go on' });

/** Adds the calls about queues. */
export function addQueues(app: OpenAPIHono<AppEnv>, navette: Navette): void {
  /** A queue is known if a type belongs to it, or if the store has tasks of it. */
  const requireKnown = async (name: string) => {
    if (navette.catalogue.queues().includes(name)) return;
    const stored = await navette.queues();
    if (!stored.some(({ queue }) => queue === name)) throw new HttpError('not_found', `no queue has the name ${name}`);
  };

  app.openapi(listQueues, async (c) => {
    const [stored, workers] = await Promise.all([navette.queues(), navette.workers()]);
    const unused = navette.catalogue.queues().filter((name) => !stored.some(({ queue }) => queue === name));
    const items = [...stored, ...unused.map(emptyQueue)].map(({ queue: name, paused, counts, oldestQueuedAt }) => ({
      name,
      paused,
      counts,
      oldestQueuedAt,
      oldestQueuedMs: oldestQueuedAt && Math.max(0, Date.now() - oldestQueuedAt.getTime()),
      consumers: workers.filter(({ queues }) => Object.hasOwn(queues, name)).length,
    }));
    return c.json({ items: items.sort((a, b) => (a.name < b.name ? -1 : 1)) }, 200);
  });

  app.openapi(pauseQueue, async (c) => {
    const { name } = c.req.valid('param');
    await requireKnown(name);
    await navette.pause(name);
    return c.json({ name, paused: true }, 200);
  });

  app.openapi(resumeQueue, async (c) => {
    const { name } = c.req.valid('param');
    await requireKnown(name);
    await navette.resume(name);
    return c.json({ name, paused: false }, 200);
  });
}

function emptyQueue(queue: string): QueueSummary {
  const counts = Object.fromEntries(taskStates.map((state) => [state, 0])) as QueueSummary['counts'];
  return { queue, paused: false, counts, oldestQueuedAt: null };
}
