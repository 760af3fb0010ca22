import { createManualSystem } from '@navette/adapters/memory';
import { createSystem } from '@navette/adapters/system';
import { expect, it } from 'vitest';
import { createApi } from './api.ts';

it('tells the queues of the catalogue and of the store', async () => {
  const system = createManualSystem({ startAt: new Date(Date.now() - 60_000) });
  const api = createApi({ system });
  await api.submit({ type: 'test.echo', payload: 1 });
  await api.submit({ type: 'test.echo', payload: 1, delayMs: 1000 });
  const { body } = await api.get('/queues');
  expect(body.items.map(({ name }: { name: string }) => name)).toEqual(['default', 'media']);
  expect(body.items[0]).toMatchObject({ paused: false, consumers: 0, counts: { queued: 1, scheduled: 1, running: 0 } });
  expect(body.items[0].oldestQueuedAt).toBe(system.now().toISOString());
  expect(body.items[0].oldestQueuedMs).toBeGreaterThanOrEqual(60_000);
  expect(body.items[1]).toMatchObject({ counts: { queued: 0 }, oldestQueuedAt: null, oldestQueuedMs: null });
});

it('counts the workers that consume a queue', async () => {
  const api = createApi({ system: createSystem() });
  await api.navette.work({ queues: { media: 1 } }).ready;
  const { body } = await api.get('/queues');
  expect(body.items.map(({ consumers }: { consumers: number }) => consumers)).toEqual([0, 1]);
});

it('pauses and resumes a queue', async () => {
  const api = createApi();
  const paused = await api.post('/queues/media/pause');
  expect([paused.status, paused.body]).toEqual([200, { name: 'media', paused: true }]);
  expect((await api.get('/queues')).body.items[1].paused).toBe(true);
  expect((await api.post('/queues/media/resume')).body).toEqual({ name: 'media', paused: false });
  expect((await api.get('/queues')).body.items[1].paused).toBe(false);
});

it('controls a queue that only the store knows any more', async () => {
  const api = createApi();
  await api.store.control.setPaused('retired', true);
  expect((await api.post('/queues/retired/resume')).status).toBe(200);
});

it.each(['unknown', '%00', 'de%2Ffault', '__proto__'])('knows no queue %s', async (name) => {
  const { status, body } = await createApi().post(`/queues/${name}/pause`);
  expect([status, body.code]).toEqual([404, 'not_found']);
});
