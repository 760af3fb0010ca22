import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createApi } from './api.ts';

const apiKeys = [
  { name: 'one', secret: 'secret-one' },
  { name: 'two', secret: 'se:cret-two' },
];
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
const submission = { type: 'test.echo', payload: 1 };

describe('with keys', () => {
  it.each(['Bearer secret-one', 'bearer  se:cret-two', basic('one:secret-one'), basic('two:se:cret-two')])(
    'lets %s in',
    async (authorization) => {
      const api = createApi({ apiKeys });
      expect((await api.get('/tasks', { headers: { Authorization: authorization } })).status).toBe(200);
      expect((await api.submit(submission, { Authorization: authorization })).status).toBe(202);
    },
  );

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer wrong',
    'Bearer secret-on',
    'Bearer secret-one2',
    'Bearer one:secret-one',
    'Digest secret-one',
    'secret-one',
    basic('one:wrong'),
    basic('two:secret-one'),
    basic(':secret-one'),
    basic('secret-one'),
    'Basic !!!',
  ])('refuses %s, whatever is asked for', async (authorization) => {
    const api = createApi({ apiKeys, board: new Hono().get('/', (c) => c.text('board')) });
    const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization };
    for (const path of ['/tasks', '/docs', '/openapi.json', '/', '/board', '/nowhere', '/health']) {
      const { status, body, headers: answered } = await api.get(path, { headers });
      expect([status, body.code]).toEqual([401, 'unauthorized']);
      expect(answered.get('www-authenticate')).toMatch(/^Basic .*, Bearer /);
    }
    expect((await api.submit(submission, headers)).status).toBe(401);
    expect((await api.call('DELETE', '/tasks', { headers })).status).toBe(401);
  });

  it('leaves health open', async () => {
    const api = createApi({ apiKeys });
    expect((await api.get('/health/live')).status).toBe(200);
    expect((await api.get('/health/ready')).status).toBe(200);
  });

  it('is reached under any Host', async () => {
    const headers = { Host: 'navette.example.com', Authorization: 'Bearer secret-one' };
    expect((await createApi({ apiKeys }).get('/tasks', { headers })).status).toBe(200);
  });

  it('does not let a page of another origin use the credentials a browser has kept', async () => {
    const api = createApi({ apiKeys });
    const forged = { Authorization: basic('one:secret-one'), Origin: 'https://evil.example' };
    expect((await api.submit(submission, forged)).status).toBe(403);
    expect((await api.submit(submission, { ...forged, 'Sec-Fetch-Site': 'same-site' })).status).toBe(403);
    // A page of our own behind a proxy that has rewritten the Host; and a program, whose Bearer no browser adds.
    expect((await api.submit(submission, { ...forged, 'Sec-Fetch-Site': 'same-origin' })).status).toBe(202);
    expect((await api.submit(submission, { ...forged, Authorization: 'Bearer secret-one' })).status).toBe(202);
  });
});

describe('on loopback without keys', () => {
  it.each(['localhost', 'LOCALHOST:3000', '127.0.0.1:3000', '127.8.9.1', '[::1]:3000', '[::1]'])(
    'answers to the Host %s',
    async (host) => {
      const api = createApi();
      expect((await api.get('/tasks', { headers: { Host: host } })).status).toBe(200);
      const own = { Host: host, Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' };
      expect((await api.submit(submission, own)).status).toBe(202);
    },
  );

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'evil.example:3000', '10.0.0.1', ''])(
    'refuses the Host %j',
    async (host) => {
      const api = createApi();
      for (const path of ['/tasks', '/docs', '/health/live', '/nowhere']) {
        const { status } = await api.get(path, { headers: { Host: host } });
        expect([path, status]).toEqual([path, 403]);
      }
      expect((await api.submit(submission, { Host: host })).body.code).toBe('forbidden');
    },
  );

  it.each([
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: 'http://localhost:8080' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://localhost' },
  ])('refuses what a foreign page changes: %j', async (headers) => {
    const api = createApi();
    expect((await api.submit(submission, headers as Record<string, string>)).status).toBe(403);
    expect((await api.post('/queues/default/pause', { headers: headers as Record<string, string> })).status).toBe(403);
    expect((await api.get('/tasks', { headers: headers as Record<string, string> })).body.items).toEqual([]);
  });
});

it('is closed where it can be reached from elsewhere and has no keys', async () => {
  const api = createApi({ loopbackOnly: false });
  expect((await api.get('/tasks')).status).toBe(401);
  expect((await api.get('/health/live')).status).toBe(200);
});
