import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { createLazyBoard } from '../src/lazy-board.ts';
import { createApi } from './api.ts';

const id = '01a20cd2-67fe-7309-8b8b-b2bfeec8fe57';

it.each([
  ['GET', '/submit-task', 'POST'],
  ['PUT', '/submit-task', 'POST'],
  ['GET', '/submit-tasks', 'POST'],
  ['POST', '/tasks', 'GET, HEAD'],
  ['DELETE', `/tasks/${id}`, 'GET, HEAD'],
  ['PATCH', `/tasks/${id}`, 'GET, HEAD'],
  ['GET', `/tasks/${id}/cancel`, 'POST'],
  ['GET', `/tasks/${id}/retry`, 'POST'],
  ['GET', `/tasks/${id}/promote`, 'POST'],
  ['POST', `/tasks/${id}/logs`, 'GET, HEAD'],
  ['POST', `/tasks/${id}/events`, 'GET, HEAD'],
  ['POST', '/events', 'GET, HEAD'],
  ['POST', '/task-types', 'GET, HEAD'],
  ['POST', '/queues', 'GET, HEAD'],
  ['GET', '/queues/default/pause', 'POST'],
  ['OPTIONS', '/queues/default/resume', 'POST'],
  ['POST', '/health/live', 'GET, HEAD'],
  ['POST', '/health/ready', 'GET, HEAD'],
  ['POST', '/openapi.json', 'GET, HEAD'],
  ['POST', '/docs', 'GET, HEAD'],
  ['POST', '/', 'GET, HEAD'],
  ['MADEUP', '/tasks', 'GET, HEAD'],
])('%s %s is not allowed, %s is', async (method, path, allow) => {
  const { status, body, headers } = await createApi().call(method, path);
  expect([status, body.code, headers.get('allow')]).toEqual([405, 'method_not_allowed', allow]);
});

it.each([
  ['GET', '/nowhere'],
  ['POST', '/nowhere'],
  ['GET', '/tasks/'],
  ['GET', '//tasks'],
  ['GET', '/TASKS'],
  ['POST', `/tasks/${id}/explode`],
  ['GET', '/docs/package.json'],
  ['GET', '/docs/..%2fpackage.json'],
  ['GET', '/board'],
  // Only where it is given.
  ['GET', '/metrics'],
])('%s %s is not there', async (method, path) => {
  const { status, body } = await createApi().call(method, path);
  expect([status, body.code]).toEqual([404, 'not_found']);
});

it('loads a board when it is first asked for, and again if that failed', async () => {
  let loads = 0;
  const load = async () => {
    if (++loads === 1) throw new Error('not to be found');
    return new Hono().get('/', (c) => c.text('board')).post('/part', (c) => c.text('part'));
  };
  const api = createApi({ board: createLazyBoard(load) });
  expect((await api.get('/tasks')).status).toBe(200);
  expect(loads).toBe(0);
  const failed = await api.get('/board');
  expect([failed.status, failed.body.code]).toEqual([500, 'internal_error']);
  expect((await api.get('/board')).text).toBe('board');
  expect((await api.call('POST', '/board/part')).text).toBe('part');
  expect(loads).toBe(2);
  const [unknown, wrong] = [await api.get('/board/nowhere'), await api.get('/board/part')];
  expect([unknown.status, unknown.body.code]).toEqual([404, 'not_found']);
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  expect((await api.get('/board/')).headers.get('location')).toBe('/board');
});

it('serves a board below /board, behind the access check', async () => {
  const board = new Hono().get('/', (c) => c.text('board')).get('/part', (c) => c.text('part'));
  const api = createApi({ board, apiKeys: [{ name: 'one', secret: 'secret-one' }] });
  const headers = { Authorization: 'Bearer secret-one' };
  expect((await api.get('/board', { headers })).text).toBe('board');
  expect((await api.get('/board/part', { headers })).text).toBe('part');
  expect((await api.get('/board/part')).status).toBe(401);
});
