import { createManualSystem } from '@navette/adapters/memory';
import { createSystem } from '@navette/adapters/system';
import { StoreUnavailableError } from '@navette/domain';
import { describe, expect, it, vi } from 'vitest';
import { type Api, createApi } from './api.ts';
import { expectDeclared } from './documented.ts';
import { type ReadEvent, readEvents } from './event-reader.ts';

const absent = '01a20cd2-67fe-7309-8b8b-b2bfeec8fe57';

/** Opens a stream of events. */
async function open({ app }: Api, path: string, lastEventId?: string) {
  const response = await app.request(path, { headers: lastEventId ? { 'Last-Event-ID': lastEventId } : {} });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  expectDeclared(app, 'GET', path, response);
  return readEvents(response);
}

async function rest(events: ReturnType<typeof readEvents>): Promise<ReadEvent[]> {
  const all: ReadEvent[] = [];
  for (let event = await events.next(); event; event = await events.next()) all.push(event);
  return all;
}

describe('GET /tasks/{id}/events', () => {
  it('tells the present state, what happens then, and ends with the task', async () => {
    const api = createApi({ system: createSystem() });
    const { body } = await api.submit({ type: 'test.fail', payload: { secret: 1 } });
    const events = await open(api, `/tasks/${body.id}/events`);
    const first = await events.next();
    expect(first).toMatchObject({ event: 'state', data: { id: body.id, state: 'queued', attempts: [] } });
    expect(Object.keys(first?.data)).not.toContain('payload');
    api.navette.work();
    const others = await rest(events);
    expect(others.map(({ event }) => event)).toContain('log');
    expect(others.find(({ event }) => event === 'log')?.data).toMatchObject({ attempt: 1, message: 'about to fail' });
    expect(others.at(-1)).toMatchObject({ event: 'state', data: { state: 'failed', attempts: [{ number: 1 }] } });
    const ended = await api.get(`/tasks/${body.id}/events`, { headers: { 'Last-Event-ID': others.at(-1)?.id ?? '' } });
    expect([ended.status, ended.text]).toEqual([204, '']);
  });

  it('includes payload and result where they are asked for', async () => {
    const api = createApi({ system: createSystem() });
    await api.navette.work().ready;
    const { body } = await api.submit({ type: 'test.echo', payload: 'é' }, { Prefer: 'wait=30' });
    const { body: text } = await api.get(`/tasks/${body.id}/events?include=payload,result`);
    expect(text).toMatch(/^retry: 1000\n\nevent: state\nid: \d+-0\ndata: \{.*\}\n\n$/);
    expect(JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '')).toEqual(body);
  });

  it('goes on after the event that was the last', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    const events = await open(api, `/tasks/${body.id}/events`);
    const id = (await events.next())?.id;
    await events.cancel();
    const again = await open(api, `/tasks/${body.id}/events`, id);
    await api.post(`/tasks/${body.id}/cancel`);
    expect((await rest(again)).map(({ data }) => data.state)).toEqual(['cancelled']);
  });

  it('answers HEAD without beginning anything', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    const { status, headers, text } = await api.call('HEAD', `/tasks/${body.id}/events`);
    expect([status, headers.get('content-type'), text]).toEqual([200, 'text/event-stream', '']);
  });

  it('knows no task that is not there', async () => {
    const api = createApi();
    for (const id of [absent, 'no-uuid']) {
      const { status, body } = await api.get(`/tasks/${id}/events`);
      expect([status, body.code]).toEqual([404, 'task_not_found']);
    }
  });

  it('refuses an id that it did not make, and parameters that mean nothing', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    for (const headers of [{ 'Last-Event-ID': 'made-up' }, { 'Last-Event-ID': '1-x' }]) {
      const refused = await api.get(`/tasks/${body.id}/events`, { headers });
      expect([refused.status, refused.body.errors]).toMatchObject([400, [{ parameter: 'Last-Event-ID' }]]);
    }
    for (const [query, parameter] of [
      ['state=failed', 'state'],
      ['include=attempts', 'include'],
    ]) {
      const refused = await api.get(`/tasks/${body.id}/events?${query}`);
      expect([refused.status, refused.body.errors]).toMatchObject([400, [{ parameter }]]);
    }
  });

  it('asks for a key', async () => {
    const api = createApi({ apiKeys: [{ name: 'one', secret: 'secret-one' }] });
    expect((await api.get(`/tasks/${absent}/events`)).status).toBe(401);
    expect((await api.get('/events')).status).toBe(401);
    const basic = `Basic ${btoa('one:secret-one')}`;
    expect((await api.get(`/tasks/${absent}/events`, { headers: { Authorization: basic } })).status).toBe(404);
  });

  it('says something every 15 s', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    await withFakeTimers(async () => {
      const events = await open(api, `/tasks/${body.id}/events`);
      await events.next();
      for (let n = 0; n < 3; n++) {
        const block = events.block();
        await vi.advanceTimersByTimeAsync(15_000);
        expect(await block).toBe(': still here');
      }
    });
  });

  it('tells a client that takes nothing, and closes', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    await withFakeTimers(async () => {
      const { body: stream } = await api.app.request(`/tasks/${body.id}/events`);
      await vi.advanceTimersByTimeAsync(44_000);
      let text = '';
      for await (const chunk of stream as ReadableStream<Uint8Array>) text += new TextDecoder().decode(chunk);
      expect(text).toMatch(/event: problem\ndata: \{.*"status":408,.*"code":"too_slow".*\}\n\n$/);
    });
  });

  it('cuts off a client that does not even take that', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    await withFakeTimers(async () => {
      const { body: stream } = await api.app.request(`/tasks/${body.id}/events`);
      await vi.advanceTimersByTimeAsync(60_000);
      await expect((stream as ReadableStream).getReader().read()).rejects.toThrow('takes no events');
    });
  });

  it('takes no client that goes away for a fault', async () => {
    const error = vi.fn();
    const api = createApi({ log: { debug() {}, info() {}, warn() {}, error } });
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    for (const path of [`/tasks/${body.id}/events`, '/events']) {
      const response = await api.app.request(path);
      const reader = (response.body as ReadableStream).getReader();
      const asked = [reader.read(), reader.read(), reader.read()];
      await asked[0];
      await reader.cancel();
      expect(await asked[2]).toEqual({ done: true, value: undefined });
      await api.navette.cancel(body.id);
      await new Promise(setImmediate);
    }
    expect(error).not.toHaveBeenCalled();
  });

  it('tells of a fault and closes, with nothing of it', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    const events = await open(api, `/tasks/${body.id}/events`);
    await events.next();
    vi.spyOn(api.store.feed, 'taskWithLog').mockRejectedValue(new Error('postgres://secret'));
    await api.navette.cancel(body.id);
    const [problem, ...others] = await rest(events);
    expect([problem?.event, problem?.data.code, others]).toEqual(['problem', 'internal_error', []]);
    expect(JSON.stringify(problem)).not.toContain('secret');
  });
});

describe('GET /events', () => {
  it('tells what the filter finds, and where to go on', async () => {
    const api = createApi({ system: createSystem() });
    const events = await open(api, '/events?state=cancelled&state=failed&tag=a');
    await events.block();
    expect(await events.block()).toMatch(/^id: \S+$/);
    const wanted = await api.submit({ type: 'test.echo', payload: 1, tags: ['a'] });
    const other = await api.submit({ type: 'test.echo', payload: 1 });
    for (const { body } of [other, wanted]) await api.post(`/tasks/${body.id}/cancel`);
    const event = await events.next();
    expect(event).toMatchObject({ event: 'state', data: { id: wanted.body.id, state: 'cancelled' } });
    expect(Object.keys(event?.data)).not.toContain('payload');
    await events.cancel();
    const missed = await api.submit({ type: 'test.echo', payload: 2, tags: ['a'] });
    await api.post(`/tasks/${missed.body.id}/cancel`);
    const again = await open(api, '/events?state=cancelled&state=failed&tag=a&include=payload', event?.id);
    const told = [await again.next(), await again.next()].map((each) => each?.data);
    expect(told.map(({ id, payload }) => [id, payload]).at(-1)).toEqual([missed.body.id, 2]);
  });

  it('tells progress with the task it is of', async () => {
    const system = createManualSystem();
    const api = createApi({ system });
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    await api.store.attempts.claim({ worker: 'w', types: ['test.echo'] }, body.id, 1);
    const ref = { taskId: body.id, attempt: 1, worker: 'w' };
    const events = await open(api, '/events?state=running');
    await events.block();
    await events.block();
    await api.store.attempts.progress(ref, 1);
    // Nobody has announced it: it comes with the next look at everything.
    await system.advance(2_000);
    expect(await events.next()).toMatchObject({ event: 'state', data: { id: body.id, progress: 1 } });
    await api.store.attempts.progress(ref, 2);
    await system.advance(2_000);
    const { event, data } = (await events.next()) as ReadEvent;
    expect([event, data]).toEqual(['progress', { taskId: body.id, progress: 2, version: expect.any(Number) }]);
  });

  it.each([
    ['limit=1', 'limit'],
    ['cursor=x', 'cursor'],
    ['state=done', 'state'],
    ['wait=1', 'wait'],
  ])('refuses ?%s', async (query, parameter) => {
    const { status, body } = await createApi().get(`/events?${query}`);
    expect([status, body.errors]).toMatchObject([400, [{ parameter }]]);
  });

  it('refuses an id that it did not make, and says when the store is away', async () => {
    const api = createApi();
    const refused = await api.get('/events', { headers: { 'Last-Event-ID': 'made-up' } });
    expect([refused.status, refused.body.errors]).toMatchObject([400, [{ parameter: 'Last-Event-ID' }]]);
    vi.spyOn(api.store.feed, 'position').mockRejectedValue(new StoreUnavailableError('away'));
    const { status, body } = await api.get('/events');
    expect([status, body.code]).toEqual([503, 'store_unavailable']);
  });

  it('answers HEAD without beginning anything', async () => {
    const { status, text } = await createApi().call('HEAD', '/events');
    expect([status, text]).toEqual([200, '']);
  });
});

async function withFakeTimers(body: () => Promise<void>): Promise<void> {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
  try {
    await body();
  } finally {
    vi.useRealTimers();
  }
}
