import { expect, it } from 'vitest';
import { createHealthApp, type HealthParts } from '../src/health.ts';

const well = async () => true;
const ill = async () => false;
const working = { state: 'running', leased: true, running: 2, abandoned: 0, ended: 7, stalled: [] } as const;

const stalled = { queue: 'default', waitedMs: 60_000 };

/** What only the metrics need. */
const plain = { metrics: { text: async () => 'navette_worker_ready 1\n' }, apiKeys: [], loopbackOnly: true };

async function readiness(parts: Partial<HealthParts>) {
  const app = createHealthApp({
    store: { healthy: well },
    broker: { healthy: well },
    worker: { status: () => working },
    ...plain,
    ...parts,
  });
  const response = await app.request('/health/ready');
  return { status: response.status, body: await response.json() };
}

it('is ready while it can take work, and says how it is doing', async () => {
  expect(await readiness({})).toEqual({
    status: 200,
    body: {
      status: 'ok',
      checks: { store: 'ok', broker: 'ok', worker: 'ok', flow: 'ok' },
      worker: working,
    },
  });
});

it.each<[string, Partial<HealthParts>]>([
  ['the store is away', { store: { healthy: ill } }],
  ['the broker is away', { broker: { healthy: ill } }],
  ['it has not started', { worker: { status: () => undefined } }],
  ['its lease is in doubt', { worker: { status: () => ({ ...working, leased: false }) } }],
  ['work waits and it starts none', { worker: { status: () => ({ ...working, stalled: [stalled] }) } }],
  ['it stops', { worker: { status: () => ({ ...working, state: 'stopping' }) } }],
])('is not ready while %s', async (_case, parts) => {
  expect(await readiness(parts)).toMatchObject({ status: 503, body: { status: 'unavailable' } });
});

it('lives as long as it answers', async () => {
  const parts = { store: { healthy: ill }, broker: { healthy: ill }, worker: { status: () => undefined } };
  expect((await createHealthApp({ ...plain, ...parts }).request('/health/live')).status).toBe(200);
});

it('serves its metrics to who has a key, or on loopback to everyone', async () => {
  const well = { store: { healthy: async () => true }, broker: { healthy: async () => true } };
  const ask = async (given: Partial<HealthParts>, authorization?: string) => {
    const app = createHealthApp({ ...plain, ...well, worker: { status: () => working }, ...given });
    return (await app.request('/metrics', authorization ? { headers: { Authorization: authorization } } : {})).status;
  };
  const apiKeys = [
    { name: 'one', secret: 'secret-one' },
    { name: 'two', secret: 'secret-two' },
  ];
  expect(await ask({})).toBe(200);
  expect(await ask({ loopbackOnly: false })).toBe(404);
  expect(await ask({ apiKeys })).toBe(401);
  expect(await ask({ apiKeys }, 'Bearer wrong')).toBe(401);
  expect(await ask({ apiKeys }, `Basic ${btoa('one:secret-two')}`)).toBe(401);
  for (const right of ['Bearer secret-two', `Basic ${btoa('one:secret-one')}`, `Basic ${btoa('two:secret-two')}`]) {
    expect(await ask({ apiKeys, loopbackOnly: false }, right)).toBe(200);
  }
  const app = createHealthApp({ ...plain, ...well, worker: { status: () => working } });
  const { headers } = await app.request('/metrics');
  expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
});
