import { createMetrics } from '@navette/adapters/metrics';
import { expect, it } from 'vitest';
import { createApi } from './api.ts';

const absent = '01a20cd2-67fe-7309-8b8b-b2bfeec8fe57';
const mediaType = 'text/plain; version=0.0.4; charset=utf-8';

it('serves the metrics, as text for Prometheus', async () => {
  const { status, headers, text } = await createApi({ metrics: createMetrics() }).get('/metrics');
  expect([status, headers.get('content-type')]).toEqual([200, mediaType]);
  expect(text).toMatch(/^# TYPE navette_http_request_duration_seconds histogram$/m);
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
});

it('counts requests by their route, whatever becomes of them', async () => {
  const api = createApi({ metrics: createMetrics() });
  const { body } = await api.submit({ type: 'test.echo', payload: 1 });
  await api.submit({ type: 'test.echo' });
  await api.get(`/tasks/${body.id}`);
  await api.get(`/tasks/${absent}`);
  await api.get('/no/such/thing');
  await api.call('DELETE', '/tasks');
  await api.call('HEAD', '/queues');
  await api.get('/tasks', { headers: { Host: 'evil.example' } });
  const { text } = await api.get('/metrics');
  const counts = [...text.matchAll(/^navette_http_request_duration_seconds_count\{(.*)\} (\d+)$/gm)];
  expect(counts.map(([, labels, count]) => `${labels} ${count}`.replace(/method=|route=|status=|"/g, ''))).toEqual([
    'POST,/submit-task,202 1',
    'POST,/submit-task,422 1',
    'GET,/tasks/:id,200 1',
    'GET,/tasks/:id,404 1',
    'GET,none,404 1',
    'DELETE,/tasks,405 1',
    'HEAD,/queues,200 1',
    'GET,/tasks,403 1',
  ]);
});

it('is behind the keys, as everything is', async () => {
  const api = createApi({ metrics: createMetrics(), apiKeys: [{ name: 'one', secret: 'secret-one' }] });
  expect((await api.get('/metrics')).status).toBe(401);
  for (const authorization of ['Bearer secret-one', `Basic ${btoa('one:secret-one')}`]) {
    expect((await api.get('/metrics', { headers: { Authorization: authorization } })).status).toBe(200);
  }
});

it('refuses parameters and a foreign Host, and tells nothing of a fault', async () => {
  const metrics = { ...createMetrics(), text: () => Promise.reject(new Error('secret')) };
  const api = createApi({ metrics });
  expect((await api.get('/metrics?name=a')).status).toBe(400);
  expect((await api.get('/metrics', { headers: { Host: 'evil.example' } })).status).toBe(403);
  const { status, text } = await api.get('/metrics');
  expect([status, text.includes('secret')]).toEqual([500, false]);
});
