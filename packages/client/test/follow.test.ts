import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { type AnyTaskEvent, createClient, NavetteApiError, type TaskEvent } from '../src/index.ts';
import { serve, serveApi } from './server.ts';

const retry = { delayMs: 1, maxDelayMs: 2, tries: 3 };

async function collect(events: AsyncIterable<TaskEvent>): Promise<TaskEvent[]> {
  const all: TaskEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/**
 * A server that tells these pieces of event streams, one stream for each connection; then that nothing is to come. It
 * breaks the connection where there is no piece.
 */
async function tell(...streams: readonly (readonly string[])[]) {
  const asked: (string | null)[] = [];
  const baseUrl = await serve(async (request, incoming) => {
    asked.push(request.headers.get('last-event-id'));
    const pieces = streams[asked.length - 1];
    if (!pieces) return new Response(null, { status: 204 });
    if (pieces.length === 0) incoming.socket.destroy();
    const encoded = pieces.map((piece) => new TextEncoder().encode(piece));
    const body = new ReadableStream({
      pull: (controller) => {
        const piece = encoded.shift();
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
    });
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
  });
  return { client: createClient({ baseUrl, retry }), asked };
}

describe('where the server tells events', () => {
  it('gives them as they come, however they are cut, to the end of the task', async () => {
    const { client, asked } = await tell([
      'event: state\nid: 1\ndata: {"state":"run',
      'ning"}\n\n: still here\n\nevent: log\nid: 2\n',
      'data: {"message":"é"}\n\nevent: novelty\nid: 3\ndata: ?\n\nevent: progress\nid: 4\ndata: {"done":1}\n\n',
      'event: state\nid: 5\ndata: {"state":"completed"}\n\n',
      'event: state\nid: 6\ndata: {"state":"queued"}\n\n',
    ]);
    expect(await collect(client.follow('one'))).toEqual([
      { event: 'state', id: '1', data: { state: 'running' } },
      { event: 'log', id: '2', data: { message: 'é' } },
      { event: 'progress', id: '4', data: { done: 1 } },
      { event: 'state', id: '5', data: { state: 'completed' } },
    ]);
    expect(asked).toEqual([null]);
  });

  it('goes on where a broken connection ended', async () => {
    const { client, asked } = await tell(
      ['event: state\nid: 1\ndata: {"state":"running"}\n\nevent: progress\nid: 2\nda'],
      [],
      ['event: progress\nid: 2\ndata: 7\n\n', 'event: state\nid: 3\ndata: {"state":"failed"}\n\n'],
    );
    expect((await collect(client.follow('one'))).map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(asked).toEqual([null, '1', '1']);
  });

  it('starts after an event that is known, and ends where nothing is to come', async () => {
    const { client, asked } = await tell();
    expect(await collect(client.follow('one', { after: '41' }))).toEqual([]);
    expect(asked).toEqual(['41']);
  });

  it('gives up when nothing but broken connections come', async () => {
    const { client, asked } = await tell([], [], [], []);
    await expect(collect(client.follow('one'))).rejects.toThrow('no answer from the server');
    expect(asked).toHaveLength(3);
  });

  it('stops at a signal', async () => {
    const stop = new AbortController();
    const baseUrl = await serve(
      async () =>
        new Response(new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode(': hello\n\n')) })),
    );
    const events = collect(createClient({ baseUrl }).follow('one', { signal: stop.signal }));
    stop.abort(new Error('enough'));
    await expect(events).rejects.toThrow('enough');
  });
});

describe('with the API', () => {
  it('tells a task to its end, with its log and its result', async () => {
    const { baseUrl, navette } = await serveApi();
    const client = createClient({ baseUrl, retry });
    const { id } = await client.submit({ type: 'test.steps', payload: { steps: 2 } });
    const events: TaskEvent[] = [];
    for await (const event of client.follow(id)) {
      events.push(event);
      if (events.length === 1) navette.work();
    }
    expect(events[0]).toMatchObject({ event: 'state', data: { state: 'queued', payload: { steps: 2 } } });
    expect(events.filter(({ event }) => event === 'log')).toMatchObject([
      { data: { message: 'step 1' } },
      { data: { message: 'step 2' } },
    ]);
    expect(events.at(-1)).toMatchObject({ event: 'state', data: { state: 'completed', result: { steps: 2 } } });
    expect(await collect(client.follow(id, { after: events.at(-1)?.id }))).toEqual([]);
    await expect(collect(client.follow('none'))).rejects.toMatchObject({ code: 'task_not_found' });
  });

  it('stops at a signal also after garbage was collected', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const { baseUrl, navette } = await serveApi();
    const stop = new AbortController();
    const { task } = await navette.submitRequest({ type: 'test.echo', payload: 1 });
    const news = createClient({ baseUrl, retry }).follow(task.id, { signal: stop.signal });
    await news.next();
    const next = news.next();
    // What fetch makes of a signal is forgotten together with the request.
    for (let i = 0; i < 5; i++) {
      await turnOfTheLoop();
      collectGarbage();
    }
    stop.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  });

  it('tells all tasks that a filter finds, also after a broken connection', async () => {
    const { baseUrl, navette } = await serveApi({
      fault: (_request, number) => (number === 1 ? 'break-before' : undefined),
    });
    const stop = new AbortController();
    const told: AnyTaskEvent[] = [];
    const following = (async () => {
      const client = createClient({ baseUrl, retry });
      for await (const event of client.followAll({ tag: 'a' }, { signal: stop.signal })) told.push(event);
    })();
    await vi.waitFor(
      async () => {
        for (const tags of [['a'], ['b']]) await navette.submitRequest({ type: 'test.echo', payload: 1, tags });
        expect(told).not.toEqual([]);
      },
      { timeout: 20_000, interval: 20 },
    );
    stop.abort(new Error('enough'));
    await expect(following).rejects.toThrow('enough');
    for (const event of told) expect(event).toMatchObject({ event: 'state', data: { state: 'queued', tags: ['a'] } });
  });
});

describe('where it tells none', () => {
  const notFound = async (request: Request) =>
    request.url.endsWith('/events') ? Response.json({ code: 'not_found', detail: '' }, { status: 404 }) : undefined;

  it('looks at the task instead', async () => {
    const { baseUrl, navette } = await serveApi({ answer: notFound });
    const client = createClient({ baseUrl, retry });
    const { id } = await client.submit({ type: 'test.steps', payload: { steps: 2 } });
    const events: TaskEvent[] = [];
    for await (const event of client.follow(id)) {
      events.push(event);
      if (events.length === 1) navette.work();
    }
    expect(events[0]).toMatchObject({ event: 'state', data: { state: 'queued' } });
    expect(events.at(-1)).toMatchObject({ event: 'state', data: { state: 'completed', result: { steps: 2 } } });
  });

  it('says when there is no such task', async () => {
    const { baseUrl } = await serveApi({ answer: notFound });
    const events = collect(createClient({ baseUrl, retry }).follow('none'));
    await expect(events).rejects.toBeInstanceOf(NavetteApiError);
    await expect(collect(createClient({ baseUrl }).follow('none'))).rejects.toMatchObject({ code: 'task_not_found' });
  });
});
