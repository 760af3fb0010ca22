import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import {
  InvalidQueryError,
  type Log,
  type Navette,
  type TaskNews,
  type TaskSummary,
  type TasksNews,
  type TaskWithAttempts,
} from '@navette/domain';
import type { AppEnv } from '../access.ts';
import { eventStream, eventStreamHeaders, type ServerEvent } from '../event-stream.ts';
import { refusals } from '../schemas/problem.ts';
import { eventsQuery, taskEventsQuery } from '../schemas/queries.ts';
import { type Includable, logLineJson, taskItemJson, taskNewsJson } from '../schemas/task.ts';
import { taskPath } from '../schemas/values.ts';

const headers = z.object({
  'Last-Event-ID': z.string().optional().openapi({ description: 'Goes on after the event that had this id.' }),
});

const example = `event: state
id: 3-0
data: {"id":"0193e6a0-7c1f-7d3a-9a51-1f0f6d6f2a10","state":"running","version":3, …}

event: log
id: 3-1
data: {"seq":1,"attempt":1,"at":"2026-01-31T12:00:00.000Z","message":"half way"}

event: progress
id: 4-1
data: {"done":1,"total":2}

event: state
id: 5-1
data: {"id":"0193e6a0-7c1f-7d3a-9a51-1f0f6d6f2a10","state":"completed","version":5, …}
`;

const stream = (description: string) => ({
  description: `${description} A comment comes every 15 s. \`problem\`: the stream ends early, and \`data\` is a problem document.`,
  content: { 'text/event-stream': { schema: z.string().openapi({ example }) } },
});

const taskEvents = createRoute({
  method: 'get',
  path: '/tasks/{id}/events',
  tags: ['Tasks'],
  summary: 'What happens to a task, as it happens',
  request: { params: taskPath, headers, query: taskEventsQuery },
  responses: {
    200: stream(
      'Server-Sent Events. First the present `state`, with the task as data; then the lines of its log (`log`), its progress (`progress`, the bare value) and every new `state`. Several changes in short time may come as one, the newest. The stream ends after the state that ends the task.',
    ),
    204: { description: 'Last-Event-ID is the end of the task: nothing more is to come.' },
    ...refusals(400, 404),
  },
});

const allEvents = createRoute({
  method: 'get',
  path: '/events',
  tags: ['Tasks'],
  summary: 'What happens to all tasks that a filter finds, as it happens',
  request: { headers, query: eventsQuery },
  responses: {
    200: stream(
      'Server-Sent Events, from now on or after Last-Event-ID: `state` with the task as data, `progress` with `{ taskId, progress, version }`. Told are changes after which the filter finds the task. After a break some may come twice, with the same `version`; none is left out.',
    ),
    ...refusals(400),
  },
});

/** Adds the calls that tell of changes as they happen. */
export function addEvents(app: OpenAPIHono<AppEnv>, navette: Navette, log: Log): void {
  app.openapi(taskEvents, async (c) => {
    const { include = [] } = c.req.valid('query');
    const over = new AbortController();
    const after = c.req.header('last-event-id') || undefined;
    const news = await ofHeader(navette.follow(c.req.valid('param').id, { after, signal: over.signal }));
    if (!news) return c.body(null, 204);
    if (c.req.method === 'HEAD') return c.body(null, 200, eventStreamHeaders);
    return eventStream(taskServerEvents(news, include), over, log);
  });

  app.openapi(allEvents, async (c) => {
    const { state: states, include = [], ...filter } = c.req.valid('query');
    const over = new AbortController();
    const after = c.req.header('last-event-id') || undefined;
    const news = await ofHeader(navette.followAll({ ...filter, states }, { after, signal: over.signal }));
    if (c.req.method === 'HEAD') return c.body(null, 200, eventStreamHeaders);
    const complete = (task: TaskSummary) => (include.length > 0 ? navette.get(task.id).catch(() => task) : task);
    return eventStream(serverEvents(news, include, complete), over, log);
  });
}

/** What is told of a task, written once for the many who may follow it: they share what was read. */
const newsTexts = new WeakMap<TaskWithAttempts, Map<string, string>>();

function newsText(task: TaskWithAttempts, include: readonly Includable[]): string {
  const texts = newsTexts.get(task) ?? new Map<string, string>();
  newsTexts.set(task, texts);
  const key = include.join();
  const text = texts.get(key) ?? JSON.stringify(taskNewsJson(task, include));
  texts.set(key, text);
  return text;
}

async function* taskServerEvents(news: AsyncIterable<TaskNews>, include: readonly Includable[]) {
  for await (const each of news) {
    const { kind: event, id } = each;
    if (each.kind === 'log') yield { event, id, json: JSON.stringify(logLineJson(each.line)) };
    else if (each.kind === 'progress') yield { event, id, json: JSON.stringify(each.value) };
    else yield { event, id, json: newsText(each.task, include) };
  }
}

async function* serverEvents(
  news: AsyncIterable<TasksNews>,
  include: readonly Includable[],
  complete: (task: TaskSummary) => TaskSummary | Promise<TaskSummary>,
): AsyncGenerator<ServerEvent> {
  for await (const each of news) {
    const { kind: event, id } = each;
    if (each.kind === 'position') yield { id };
    else if (each.kind === 'state')
      yield { event, id, json: JSON.stringify(taskItemJson(await complete(each.task), include)) };
    else {
      const { id: taskId, progress, version } = each.task;
      yield { event, id, json: JSON.stringify({ taskId, progress, version }) };
    }
  }
}

/** Names what is wrong as the client knows it. */
async function ofHeader<T>(following: Promise<T>): Promise<T> {
  try {
    return await following;
  } catch (error) {
    if (!(error instanceof InvalidQueryError) || error.parameter !== 'after') throw error;
    throw new InvalidQueryError('Last-Event-ID', 'is not the id of an event of this stream');
  }
}
