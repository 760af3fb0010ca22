import { createManualSystem } from '@navette/adapters/memory';
import { createSystem } from '@navette/adapters/system';
import { QueryTooBroadError } from '@navette/domain';
import { describe, expect, it, vi } from 'vitest';
import { createApi } from './api.ts';

const absent = '01a20cd2-67fe-7309-8b8b-b2bfeec8fe57';

describe('GET /tasks/{id}', () => {
  it('tells a task with its attempts, its error and its log', async () => {
    const api = createApi({ system: createSystem() });
    await api.navette.work().ready;
    const { body } = await api.submit({ type: 'test.fail', payload: null }, { Prefer: 'wait=30' });
    const task = await api.get(`/tasks/${body.id.toUpperCase()}`);
    expect(task.status).toBe(200);
    expect(task.body).toMatchObject({
      state: 'failed',
      error: { code: 'handler_error', message: 'as asked' },
      attempts: [{ number: 1, outcome: 'failed', workerName: 'worker', error: { code: 'handler_error' } }],
    });
    const logs = await api.get(`/tasks/${body.id}/logs`);
    expect(logs.body).toMatchObject({ items: [{ attempt: 1, message: 'about to fail' }], nextCursor: null });
  });

  it('waits for the end', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    const pending = api.get(`/tasks/${body.id}?wait=60`);
    await api.post(`/tasks/${body.id}/cancel`);
    expect((await pending).body.state).toBe('cancelled');
  });

  it('answers with the task as it is when the time is up', async () => {
    const system = createManualSystem();
    const api = createApi({ system });
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    const pending = api.get(`/tasks/${body.id}?wait=5`);
    await system.advance(5_000);
    expect((await pending).body.state).toBe('queued');
  });

  it('stops waiting when the client goes away', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    const client = new AbortController();
    const read = vi.spyOn(api.store.records, 'get');
    const pending = api.get(`/tasks/${body.id}?wait=60`, { signal: client.signal });
    await vi.waitFor(() => expect(read).toHaveBeenCalled());
    client.abort();
    expect((await pending).body.state).toBe('queued');
  });

  it('answers HEAD like GET, without the body', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    const { status, text, headers } = await api.call('HEAD', `/tasks/${body.id}`);
    expect([status, text, headers.get('content-type')]).toEqual([200, '', 'application/json']);
  });

  it.each([absent, 'no-uuid', '%00', '%E0%A4%A', '..%2f..', `${absent}x`])('knows no task %s', async (id) => {
    const api = createApi();
    for (const path of [`/tasks/${id}`, `/tasks/${id}?wait=5`, `/tasks/${id}/logs`]) {
      const { status, body } = await api.get(path);
      expect([status, body.code]).toEqual([404, 'task_not_found']);
    }
    for (const action of ['cancel', 'retry', 'promote']) {
      const { status, body } = await api.post(`/tasks/${id}/${action}`);
      expect([status, body.code]).toEqual([404, 'task_not_found']);
    }
  });
});

describe('GET /tasks', () => {
  it('lists newest first, page by page, without payload and result', async () => {
    const api = createApi();
    for (let i = 0; i < 5; i++) await api.submit({ type: 'test.echo', payload: i });
    const first = await api.get('/tasks?limit=3&include=payload');
    expect(first.body.items.map((item: { payload: number }) => item.payload)).toEqual([4, 3, 2]);
    const second = await api.get(`/tasks?limit=3&include=payload&cursor=${encodeURIComponent(first.body.nextCursor)}`);
    expect(second.body.items.map((item: { payload: number }) => item.payload)).toEqual([1, 0]);
    expect(second.body.nextCursor).toBeNull();
    const [item] = (await api.get('/tasks')).body.items;
    for (const left of ['payload', 'result', 'attempts']) expect(item).not.toHaveProperty(left);
    expect((await api.get('/tasks?include=result,payload')).body.items[0]).toMatchObject({ payload: 4, result: null });
  });

  it('finds by every filter', async () => {
    const system = createManualSystem();
    const api = createApi({ system });
    const old = await api.submit({ type: 'test.echo', payload: 1, tags: ['red/blue', 'x'] });
    await system.advance(60_000);
    const young = await api.submit({ type: 'test.resize', payload: { width: 1 } });
    await api.post(`/tasks/${young.body.id}/cancel`);
    const found = async (query: string) => {
      const { status, body } = await api.get(`/tasks?${query}`);
      expect(status).toBe(200);
      return body.items.map((item: { id: string }) => (item.id === old.body.id ? 'old' : 'young'));
    };
    expect(await found('state=queued')).toEqual(['old']);
    expect(await found('state=queued&state=cancelled')).toEqual(['young', 'old']);
    expect(await found('type=test.resize')).toEqual(['young']);
    expect(await found('queue=default')).toEqual(['old']);
    expect(await found('tag=red%2Fblue')).toEqual(['old']);
    expect(await found('errorCode=timed_out')).toEqual([]);
    expect(await found('submittedAfter=2026-01-01T00:01:00Z')).toEqual(['young']);
    expect(await found('submittedBefore=2026-01-01T00:01:00Z')).toEqual(['old']);
    expect(await found('finishedAfter=2026-01-01T01:01:00%2B01:00')).toEqual(['young']);
    expect(await found('finishedBefore=2026-01-01T00:01:00Z')).toEqual([]);
    expect(await found('tag=x&type=test.resize')).toEqual([]);
  });

  it('says how to narrow a search that takes too long', async () => {
    const api = createApi();
    api.store.records.search = () => Promise.reject(new QueryTooBroadError('to narrow it, name a tag'));
    const { status, body } = await api.get('/tasks');
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'query_too_broad', detail: 'to narrow it, name a tag' });
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=9999999999999999999999', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['state=', 'state'],
    ['state=done', 'state'],
    ['state=failed&state=done', 'state'],
    ['state=failed,expired', 'state'],
    ['stat=failed', 'stat'],
    ['__proto__=1', '__proto__'],
    ['constructor=1', 'constructor'],
    ['wait=1', 'wait'],
    ['type=', 'type'],
    ['type=%00', 'type'],
    [`type=${'x'.repeat(129)}`, 'type'],
    ['queue=a%00b', 'queue'],
    ['tag=', 'tag'],
    [`tag=${'x'.repeat(65)}`, 'tag'],
    ['errorCode=%00', 'errorCode'],
    ['submittedAfter=yesterday', 'submittedAfter'],
    ['submittedAfter=2026-01-01', 'submittedAfter'],
    ['submittedBefore=2026-02-30T00:00:00Z', 'submittedBefore'],
    ['finishedAfter=2026-01-01T00:00:00', 'finishedAfter'],
    ['finishedBefore=0000-01-01T00:00:00Z', 'finishedBefore'],
    ['finishedBefore=9999-12-31T23:59:59-23:59', 'finishedBefore'],
    ['include=everything', 'include'],
    ['include=payload,', 'include'],
    ['cursor=', 'cursor'],
    ['cursor=made-up', 'cursor'],
    ['cursor=%00', 'cursor'],
    [`cursor=${'x'.repeat(2_000)}`, 'cursor'],
    ['tag=a&tag=b', 'tag'],
    ['submittedAfter=2026-01-01T00:00:00Z&submittedAfter=2026-01-01T00:00:00Z', 'submittedAfter'],
  ])('refuses ?%s', async (query, parameter) => {
    const { status, body } = await createApi().get(`/tasks?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_query', errors: [{ parameter }] });
  });
});

it.each([
  ['GET', `/tasks/${absent}?wait=61`, 'wait'],
  ['GET', `/tasks/${absent}?wait=`, 'wait'],
  ['GET', `/tasks/${absent}?wait=1.5`, 'wait'],
  ['GET', `/tasks/${absent}?include=payload`, 'include'],
  ['GET', `/tasks/${absent}/logs?limit=101`, 'limit'],
  ['POST', `/tasks/${absent}/cancel?force=true`, 'force'],
  ['POST', `/tasks/${absent}/retry?x`, 'x'],
  ['POST', '/submit-task?atomic=true', 'atomic'],
  ['GET', '/task-types?type=a', 'type'],
  ['GET', '/queues?name=a', 'name'],
  ['POST', '/queues/default/pause?for=1', 'for'],
])('refuses a parameter that means nothing: %s %s', async (method, path, parameter) => {
  const { status, body } = await createApi().call(method, path);
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 'invalid_query', errors: [{ parameter }] });
});

it('pages through a log', async () => {
  const api = createApi();
  const { body } = await api.submit({ type: 'test.echo', payload: 1 });
  const claimant = { worker: 'w', types: ['test.echo'] };
  await api.store.attempts.claim(claimant, body.id, 1);
  await api.store.attempts.log({ taskId: body.id, attempt: 1, worker: 'w' }, ['one', 'two', 'three']);
  const messages = ({ body }: { body: { items: { message: string }[] } }) => body.items.map((line) => line.message);
  const first = await api.get(`/tasks/${body.id}/logs?limit=2`);
  expect(messages(first)).toEqual(['one', 'two']);
  expect(messages(await api.get(`/tasks/${body.id}/logs?limit=2&cursor=${first.body.nextCursor}`))).toEqual(['three']);
  expect((await api.get(`/tasks/${body.id}/logs?cursor=made-up`)).body.errors[0].parameter).toBe('cursor');
});
