import { createManualSystem } from '@navette/adapters/memory';
import { expect, it, vi } from 'vitest';
import { createApi } from './api.ts';

const fine = async () => true;
const away = async () => false;

it.each([
  ['all is well', { store: fine, broker: fine }, 200, 'ok'],
  ['the broker is away', { store: fine, broker: away }, 200, 'degraded'],
  ['a check rejects', { store: fine, broker: () => Promise.reject(new Error('redis://secret')) }, 200, 'degraded'],
  ['the store is away', { store: away, broker: fine }, 503, 'unavailable'],
])('is ready when %s: it depends', async (_, health, status, readiness) => {
  const answer = await createApi({ health }).get('/health/ready');
  expect([answer.status, answer.body.status]).toEqual([status, readiness]);
  expect(answer.text).not.toContain('secret');
});

it('is degraded while work waits and none of it is started', async () => {
  const system = createManualSystem();
  const { navette, get } = createApi({ system });
  const ready = async () => (await get('/health/ready')).body;
  await navette.submitRequest({ type: 'test.echo', payload: 1 });
  expect(await ready()).toMatchObject({ status: 'ok', checks: { flow: 'ok' } });
  await system.advance(30_000);
  expect(await ready()).toMatchObject({ status: 'degraded', checks: { flow: 'unavailable', store: 'ok' } });
});

it('takes a check that hangs for a failed one', async () => {
  vi.useFakeTimers();
  try {
    const pending = createApi({ health: { store: () => new Promise(() => {}) } }).get('/health/ready');
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await pending).body).toEqual({ status: 'unavailable', checks: { store: 'unavailable' } });
  } finally {
    vi.useRealTimers();
  }
});

it('lives without the store', async () => {
  const { status, body } = await createApi({ health: { store: away } }).get('/health/live');
  expect([status, body]).toEqual([200, { status: 'ok' }]);
});
