import { expect, it } from 'vitest';
import { createHealthApp, type HealthParts } from '../src/health.ts';

const well = async () => true;
const ill = async () => false;
const working = { state: 'running', leased: true, running: 2, abandoned: 0, ended: 7, stalled: [] } as const;

const stalled = { queue: 'default', waitedMs: 60_000 };

async function readiness(parts: Partial<HealthParts>) {
  const app = createHealthApp({
    store: { healthy: well },
    broker: { healthy: well },
    worker: { status: () => working },
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
      checks: { store: { status: 'ok' }, broker: { status: 'ok' }, worker: { status: 'ok', ...working } },
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
  expect(await readiness(parts)).toMatchObject({ status: 503, body: { status: 'down' } });
});

it('lives as long as it answers', async () => {
  const parts = { store: { healthy: ill }, broker: { healthy: ill }, worker: { status: () => undefined } };
  expect((await createHealthApp(parts).request('/health/live')).status).toBe(200);
});
