import { createManualSystem } from '@navette/adapters/memory';
import { QueryTooBroadError } from '@navette/domain';
import { describe, expect, it } from 'vitest';
import { type ApiOptions, createApi } from './api.ts';

/** An API with tasks in it, and short ways to operate on them. */
async function createScene(options: ApiOptions = {}) {
  const system = createManualSystem();
  const api = createApi({ system, ...options });
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) {
    const { body } = await api.submit({ type: 'test.echo', payload: n, tags: n < 3 ? ['customer:42'] : [] });
    ids.push(body.id);
  }
  const operate = (body: unknown, headers: Record<string, string> = {}) =>
    api.post('/operations', {
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const states = async () =>
    (await api.get('/tasks')).body.items.map(({ state }: { state: string }) => state).reverse();
  return { api, system, ids, operate, states };
}

const cancelAll = { action: 'cancel', filter: { tag: 'customer:42' } };

describe('POST /operations', () => {
  it('tells what it would do, and does nothing', async () => {
    const { api, ids, operate, states } = await createScene();
    const preview = await operate({ ...cancelAll, dryRun: true });
    expect(preview.status).toBe(200);
    expect(preview.body).toMatchObject({ count: 3, sample: [{ id: ids[2] }, { id: ids[1] }, { id: ids[0] }] });
    expect(preview.body.sample[0]).not.toHaveProperty('payload');
    await api.post(`/tasks/${ids[0]}/cancel`);
    // What has ended already cannot be cancelled, and is not counted.
    expect((await operate({ ...cancelAll, dryRun: true })).body.count).toBe(2);
    expect(await states()).toEqual(['cancelled', 'queued', 'queued', 'queued', 'queued']);
    expect((await api.get('/operations')).body).toEqual({ items: [], nextCursor: null });
  });

  it('cancels what the filter finds, at its pace, and tells how far it has come', async () => {
    const { api, system, operate, states } = await createScene();
    const started = await operate({ ...cancelAll, perSecond: 2 });
    expect(started.status).toBe(202);
    const { id } = started.body;
    expect(started.headers.get('location')).toBe(`/operations/${id}`);
    const { filter } = cancelAll;
    expect(started.body).toMatchObject({ action: 'cancel', filter, state: 'running', total: 3, done: 0, perSecond: 2 });
    await api.navette.work({ queues: {} }).ready;
    await system.advance(1_000);
    expect((await api.get(`/operations/${id}`)).body).toMatchObject({ state: 'running', done: 2 });
    await system.advance(1_000);
    expect(await states()).toEqual(['cancelled', 'cancelled', 'cancelled', 'queued', 'queued']);
    const finishedAt = expect.stringMatching(/Z$/);
    const ended = { state: 'completed', total: 3, done: 3, failed: 0, failures: {}, finishedAt };
    expect((await api.get(`/operations/${id}`)).body).toMatchObject(ended);
    expect((await api.get('/operations')).body).toMatchObject({ items: [{ id, ...ended }], nextCursor: null });
  });

  it('retries what has ended, and only that', async () => {
    const { api, system, operate, ids, states } = await createScene();
    for (const id of ids.slice(1, 4)) await api.post(`/tasks/${id}/cancel`);
    const { body } = await operate({ action: 'retry', filter: { type: 'test.echo' } });
    expect(body).toMatchObject({ total: 3, perSecond: 100 });
    await api.navette.work({ queues: {} }).ready;
    await system.advance(1_000);
    expect(await states()).toEqual(ids.map(() => 'queued'));
    expect((await api.get(`/tasks/${ids[1]}`)).body.cancellation).toBeNull();
  });

  it('takes every filter of a search', async () => {
    const { operate } = await createScene();
    const count = async (filter: object) => (await operate({ action: 'cancel', filter, dryRun: true })).body.count;
    expect(await count({ state: 'queued' })).toBe(5);
    expect(await count({ state: ['queued', 'failed'], queue: 'default' })).toBe(5);
    expect(await count({ type: 'test.other' })).toBe(0);
    expect(await count({ errorCode: 'timed_out' })).toBe(0);
    expect(await count({ submittedAfter: '2026-01-01T00:00:00Z', submittedBefore: '2027-01-01T00:00:00Z' })).toBe(5);
    expect(await count({ finishedAfter: '2026-01-01T00:00:00Z' })).toBe(0);
    expect(await count({ finishedBefore: '2026-01-01T00:00:00Z' })).toBe(0);
  });

  it('means every task only if that is said', async () => {
    const { operate } = await createScene();
    const refused = await operate({ action: 'cancel', filter: {} });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '#/filter' }] });
    expect((await operate({ action: 'cancel', filter: {}, all: true })).body.total).toBe(5);
  });

  it.each([
    [{ filter: { tag: 'a' } }, '#/action'],
    [{ action: 'promote', filter: { tag: 'a' } }, '#/action'],
    [{ action: 'cancel' }, '#/filter'],
    [{ action: 'cancel', filter: { tags: ['a'] } }, '#/filter/tags'],
    [{ action: 'cancel', filter: { state: 'done' } }, '#/filter/state/0'],
    [{ action: 'cancel', filter: { state: [] } }, '#/filter/state'],
    [{ action: 'cancel', filter: { state: 'completed' } }, '#/filter/state'],
    [{ action: 'retry', filter: { state: ['queued', 'running'] } }, '#/filter/state'],
    [{ action: 'cancel', filter: { limit: 5 } }, '#/filter/limit'],
    [{ action: 'cancel', filter: { tag: 'a' }, all: true }, '#/all'],
    [{ action: 'cancel', filter: { tag: 'a' }, perSecond: 0 }, '#/perSecond'],
    [{ action: 'cancel', filter: { tag: 'a' }, perSecond: 10_001 }, '#/perSecond'],
    [{ action: 'cancel', filter: { tag: 'a' }, dryrun: true }, '#/dryrun'],
    [{ action: 'cancel', filter: { tag: 'a' }, idempotencyKey: 'k' }, '#/idempotencyKey'],
    [{ action: 'cancel', filter: { finishedAfter: 'yesterday' } }, '#/filter/finishedAfter'],
  ])('refuses %j', async (body, pointer) => {
    const { api, operate } = await createScene();
    const refused = await operate(body);
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: 'invalid_request', errors: [{ pointer }] });
    expect((await api.get('/operations')).body.items).toEqual([]);
  });

  it('starts nothing that is too broad to count', async () => {
    const { api, operate } = await createScene();
    api.store.records.count = () => Promise.reject(new QueryTooBroadError('name a tag'));
    for (const dryRun of [true, false]) {
      const refused = await operate({ ...cancelAll, dryRun });
      expect([refused.status, refused.body.code]).toEqual([422, 'query_too_broad']);
    }
  });

  it('starts one for an idempotency key, whatever is lost on the way', async () => {
    const { api, operate } = await createScene();
    const key = { 'Idempotency-Key': '"k-1"' };
    const first = await operate(cancelAll, key);
    const again = await operate(cancelAll, { 'Idempotency-Key': 'k-1' });
    expect([first.status, again.status]).toEqual([202, 200]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(`/operations/${first.body.id}`);
    expect(again.body).toEqual(first.body);
    const other = await operate({ ...cancelAll, perSecond: 1 }, key);
    expect(other.status).toBe(422);
    expect(other.body).toMatchObject({ code: 'idempotency_key_reused', operationId: first.body.id });
    expect((await operate(cancelAll, { 'Idempotency-Key': 'not visible' })).body.code).toBe('invalid_request');
    expect((await api.get('/operations')).body.items).toHaveLength(1);
  });

  it('answers an idempotency key that it knows without counting again', async () => {
    const { api, operate } = await createScene();
    const key = { 'Idempotency-Key': 'k-1' };
    const first = await operate(cancelAll, key);
    api.store.records.count = () => Promise.reject(new QueryTooBroadError('name a tag'));
    const again = await operate(cancelAll, key);
    expect([again.status, again.body.id]).toEqual([200, first.body.id]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await operate({ ...cancelAll, perSecond: 1 }, key)).body.code).toBe('idempotency_key_reused');
    expect((await operate(cancelAll, { 'Idempotency-Key': 'k-2' })).body.code).toBe('query_too_broad');
  });
});

it('is as fast as it may be, whatever a round of the steward holds', async () => {
  const { api, system, operate } = await createScene();
  const tasks = Array.from({ length: 2_400 }, () => ({ type: 'test.echo', payload: 1, tags: ['many'] }));
  for (let n = 0; n < 3; n++) await api.submitMany(tasks.slice(n * 800, (n + 1) * 800));
  const { body } = await operate({ action: 'cancel', filter: { tag: 'many' }, perSecond: 10_000 });
  await api.navette.work({ queues: {} }).ready;
  await system.advance(1_000);
  expect((await api.get(`/operations/${body.id}`)).body).toMatchObject({ state: 'completed', done: 2_400 });
});

it('stops a mass action for good', async () => {
  const { api, system, operate, states } = await createScene();
  const { body } = await operate({ ...cancelAll, perSecond: 1 });
  await api.navette.work({ queues: {} }).ready;
  await system.advance(1_000);
  const stopped = await api.post(`/operations/${body.id}/stop`);
  expect(stopped.status).toBe(200);
  expect(stopped.body).toMatchObject({ state: 'stopped', done: 1, finishedAt: expect.any(String) });
  await system.advance(5_000);
  expect(await states()).toEqual(['queued', 'queued', 'cancelled', 'queued', 'queued']);
  expect((await api.post(`/operations/${body.id}/stop`)).body).toEqual(stopped.body);
});

it('lists mass actions page by page', async () => {
  const { api, operate } = await createScene();
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.unshift((await operate(cancelAll)).body.id);
  const first = await api.get('/operations?limit=2');
  const second = await api.get(`/operations?limit=2&cursor=${first.body.nextCursor}`);
  expect([...first.body.items, ...second.body.items].map(({ id }) => id)).toEqual(ids);
  expect(second.body.nextCursor).toBeNull();
  expect((await api.get('/operations?cursor=made-up')).body.errors).toMatchObject([{ parameter: 'cursor' }]);
});

it.each(['01a20cd2-67fe-7309-8b8b-b2bfeec8fe57', 'x', '%00'])('knows no mass action %s', async (id) => {
  const api = createApi();
  expect((await api.get(`/operations/${id}`)).body).toMatchObject({ status: 404, code: 'operation_not_found' });
  expect((await api.post(`/operations/${id}/stop`)).body).toMatchObject({ status: 404, code: 'operation_not_found' });
});
