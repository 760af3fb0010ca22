import { createManualSystem } from '@navette/adapters/memory';
import { createSystem } from '@navette/adapters/system';
import { BrokerUnavailableError, StoreUnavailableError } from '@navette/domain';
import { describe, expect, it, vi } from 'vitest';
import { createApi } from './api.ts';

const fieldsOfATask = [
  ...['id', 'type', 'queue', 'state', 'priority', 'payload', 'result', 'error', 'progress', 'attempt', 'maxAttempts'],
  ...['tags', 'submittedAt', 'runAt', 'startedAt', 'finishedAt', 'expiresAt', 'cancellation', 'version', 'attempts'],
];

describe('POST /submit-task', () => {
  it('accepts a task and says where it is', async () => {
    const api = createApi();
    const { status, headers, body } = await api.submit({
      type: 'test.resize',
      payload: { width: 3 },
      tags: ['a', 'a'],
    });
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/tasks/${body.id}`);
    expect(headers.get('preference-applied')).toBeNull();
    expect(headers.get('idempotent-replayed')).toBeNull();
    expect(Object.keys(body)).toEqual(fieldsOfATask);
    expect(body).toMatchObject({
      type: 'test.resize',
      queue: 'media',
      state: 'queued',
      priority: 'high',
      payload: { width: 3 },
      result: null,
      maxAttempts: 7,
      attempt: 0,
      tags: ['a'],
      submittedAt: '2026-01-01T00:00:00.000Z',
      attempts: [],
    });
    expect((await api.get(`/tasks/${body.id}`)).body).toEqual(body);
  });

  it('takes every option', async () => {
    const api = createApi();
    const { status, body } = await api.submit({
      type: 'test.echo',
      payload: [1],
      priority: 'bulk',
      runAt: '2026-01-02T03:04:05+01:00',
      expiresAt: '2027-01-01T00:00:00Z',
      timeoutMs: 1,
      retry: { maxAttempts: 50, backoff: { kind: 'linear', delayMs: 0, maxDelayMs: 1, jitter: 0.5 } },
      tags: ['x'.repeat(64)],
      idempotencyKey: 'k',
    });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      state: 'scheduled',
      priority: 'bulk',
      runAt: '2026-01-02T02:04:05.000Z',
      maxAttempts: 50,
    });
  });

  it('stores what a payload holds exactly as sent, prototype keys included', async () => {
    const api = createApi();
    const payload = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    const { status, body } = await api.submit(`{"type":"test.echo","payload":${payload}}`);
    expect(status).toBe(202);
    const stored = await api.get(`/tasks/${body.id}`);
    expect(stored.text).toContain(payload);
    expect({}).not.toHaveProperty('polluted');
  });

  it('accepts while the broker is away', async () => {
    const api = createApi();
    vi.spyOn(api.broker, 'dispatch').mockRejectedValue(new BrokerUnavailableError('away'));
    expect((await api.submit({ type: 'test.echo', payload: 1 })).status).toBe(202);
  });

  it('answers 503 with Retry-After while the store is away, and nothing of why', async () => {
    const api = createApi();
    vi.spyOn(api.store.records, 'insert').mockRejectedValue(new StoreUnavailableError('postgres://user:pw@10.1.2.3'));
    const { status, headers, body, text } = await api.submit({ type: 'test.echo', payload: 1 });
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('1');
    expect(body.code).toBe('store_unavailable');
    expect(text).not.toMatch(/10\.1\.2\.3|pw/);
  });

  it('answers 500 for an unexpected error, logs it, and tells nothing of it', async () => {
    const error = vi.fn();
    const api = createApi({ log: { debug() {}, info() {}, warn() {}, error } });
    const cause = new Error('select secret from tasks');
    vi.spyOn(api.store.records, 'insert').mockRejectedValue(cause);
    const { status, body, text } = await api.submit({ type: 'test.echo', payload: 1 });
    expect(status).toBe(500);
    expect(body.code).toBe('internal_error');
    expect(text).not.toContain('secret');
    expect(error).toHaveBeenCalledWith({ err: cause }, expect.any(String));
  });
});

describe('Prefer: wait', () => {
  it('answers 200 with the result once the task is over', async () => {
    const api = createApi({ system: createSystem() });
    await api.navette.work().ready;
    const { status, headers, body } = await api.submit({ type: 'test.echo', payload: { a: 1 } }, { Prefer: 'wait=30' });
    expect(status).toBe(200);
    expect(headers.get('preference-applied')).toBe('wait=30');
    expect(body).toMatchObject({
      state: 'completed',
      result: { a: 1 },
      attempts: [{ number: 1, outcome: 'completed' }],
    });
  });

  it('answers 202 when the time is up', async () => {
    const system = createManualSystem();
    const api = createApi({ system });
    const pending = api.submit({ type: 'test.echo', payload: 1 }, { Prefer: 'respond-async, Wait = "5"; x' });
    await system.advance(5_000);
    const { status, headers, body } = await pending;
    expect([status, body.state, headers.get('preference-applied')]).toEqual([202, 'queued', 'wait=5']);
  });

  it.each([
    ['wait=0', 'wait=0'],
    ['wait=soon', null],
    ['respond-async', null],
    ['wait=-1', null],
  ])('takes %s without waiting', async (prefer, applied) => {
    const { status, headers } = await createApi().submit({ type: 'test.echo', payload: 1 }, { Prefer: prefer });
    expect(status).toBe(202);
    expect(headers.get('preference-applied')).toBe(applied);
  });

  it('waits for 60 seconds at most, and says so', async () => {
    const system = createManualSystem();
    const api = createApi({ system });
    const pending = api.submit({ type: 'test.echo', payload: 1 }, { Prefer: 'wait=3600' });
    await system.advance(60_000);
    expect((await pending).headers.get('preference-applied')).toBe('wait=60');
  });

  it('stops waiting when the client goes away', async () => {
    const api = createApi();
    const client = new AbortController();
    const pending = api.submit({ type: 'test.echo', payload: 1 }, { Prefer: 'wait=60' }, client.signal);
    await vi.waitFor(async () => expect((await api.navette.search()).items).toHaveLength(1));
    client.abort();
    expect((await pending).status).toBe(202);
  });

  it('still answers 202 if the accepted task cannot be read again', async () => {
    const api = createApi();
    vi.spyOn(api.store.records, 'get').mockRejectedValue(new StoreUnavailableError('away'));
    const { status, body } = await api.submit({ type: 'test.echo', payload: 1 }, { Prefer: 'wait=9' });
    expect([status, body.state]).toEqual([202, 'queued']);
  });
});
