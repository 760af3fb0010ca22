import type { Problem } from '@navette/domain';
import { expect, it } from 'vitest';
import { createApi } from './api.ts';

const maxBodyBytes = 100_000;
const json = { 'Content-Type': 'application/json' };
const nested = (depth: number, open = '[', close = ']') => `${open.repeat(depth)}${close.repeat(depth)}`;
const echo = (payload: string, more = '') => `{"type":"test.echo","payload":${payload}${more}}`;

interface Hostile {
  readonly status: number;
  readonly code: string;
  readonly pointers?: readonly string[];
  readonly body?: string | Uint8Array;
  readonly headers?: Record<string, string>;
}

const request = (body: string, ...pointers: string[]): Hostile => ({
  body,
  status: 422,
  code: 'invalid_request',
  pointers,
});
const payload = (body: string, ...pointers: string[]): Hostile => ({
  body,
  status: 422,
  code: 'invalid_payload',
  pointers,
});
const notJson = (body: string | Uint8Array): Hostile => ({ body, status: 400, code: 'invalid_json' });
const wrongType = (headers: Record<string, string>): Hostile => ({
  body: echo('1'),
  headers,
  status: 415,
  code: 'unsupported_media_type',
});

const cases: Record<string, Hostile> = {
  'no body': notJson(''),
  'half an object': notJson('{"type":'),
  'two values': notJson('{} {}'),
  'a trailing comma': notJson('{"type":"test.echo",}'),
  NaN: notJson(echo('NaN')),
  'a raw control character': notJson(echo('"\u0000"')),
  'bytes that are not UTF-8': notJson(Uint8Array.from([0x22, 0xff, 0x22])),
  'a surrogate in UTF-8': notJson(Uint8Array.from([0x22, 0xed, 0xa0, 0x80, 0x22])),

  'no content type': wrongType({ 'Content-Type': '' }),
  'a form': wrongType({ 'Content-Type': 'application/x-www-form-urlencoded' }),
  text: wrongType({ 'Content-Type': 'text/plain;application/json' }),
  'another charset': wrongType({ 'Content-Type': 'application/json; charset=utf-16' }),
  NDJSON: wrongType({ 'Content-Type': 'application/x-ndjson' }),

  'a compressed body': wrongType({ ...json, 'Content-Encoding': 'gzip' }),

  'a body over the limit': { body: echo(`"${'x'.repeat(maxBodyBytes)}"`), status: 413, code: 'payload_too_large' },
  'a length over the limit': {
    headers: { ...json, 'Content-Length': '9'.repeat(20) },
    status: 413,
    code: 'payload_too_large',
  },

  'arrays 20,000 deep': request(echo(nested(20_000)), '#'),
  'objects 10,000 deep': request(echo(nested(10_000, '{"":', '1}').replace('1}', '1').slice(0, -1)), '#'),
  'arrays behind an escaped backslash': request(echo(`["\\\\",${nested(100)}]`), '#'),
  'arrays that never close': request('['.repeat(50_000), '#'),
  '64 levels within the body': request(echo(nested(64)), '#'),

  'not an object': request('[]', '#'),
  'null alone': request('null', '#'),
  'a text alone': request('"x"', '#'),
  'nothing in it': request('{}', '#/type', '#/payload'),
  'a type that is no text': request('{"type":{},"payload":1}', '#/type'),
  'a huge type': request(`{"type":"${'x'.repeat(50_000)}","payload":1}`, '#/type'),
  'an unknown field': request(echo('1', ',"delayms":1,"a/b~c":2'), '#/delayms', '#/a~1b~0c'),
  'reserved fields': request(echo('1', ',"dependsOn":[],"callback":{"url":"http://x"}'), '#/dependsOn', '#/callback'),
  'prototype keys': request(
    echo('1', ',"__proto__":{"priority":"high"},"constructor":1'),
    '#/__proto__',
    '#/constructor',
  ),
  'prototype keys further in': request(
    echo('1', ',"retry":{"__proto__":{},"backoff":{"toString":1}}'),
    '#/retry/backoff/toString',
    '#/retry/__proto__',
  ),
  'a NUL in a field name': request(echo('1', ',"\\u0000":1'), '#/\u0000'),
  'a NUL in a tag': request(echo('1', ',"tags":["a\\u0000"]'), '#/tags/0'),
  'a lone surrogate in a tag': request(echo('1', ',"tags":["ok","\\ud800"]'), '#/tags/1'),
  'tags of all kinds': request(
    echo('1', `,"tags":[1,null,"","${'x'.repeat(65)}"]`),
    '#/tags/0',
    '#/tags/1',
    '#/tags/2',
    '#/tags/3',
  ),
  'too many tags, all the same': request(echo('1', `,"tags":[${Array(21).fill('"a"')}]`), '#/tags'),
  'a priority of another queue': request(echo('1', ',"priority":"urgent"'), '#/priority'),
  'delays out of range': request(echo('1', ',"delayMs":-1,"timeoutMs":0'), '#/delayMs', '#/timeoutMs'),
  'more than a year': request(echo('1', ',"delayMs":31536000001'), '#/delayMs'),
  'a delay beyond numbers': request(echo('1', ',"delayMs":1e400'), '#/delayMs'),
  'a fraction of a millisecond': request(echo('1', ',"delayMs":0.5'), '#/delayMs'),
  'a number as text': request(echo('1', ',"delayMs":"5"'), '#/delayMs'),
  'null for absent': request(echo('1', ',"delayMs":null,"retry":null'), '#/delayMs', '#/retry'),
  'delayMs and runAt': request(echo('1', ',"delayMs":1,"runAt":"2026-01-01T00:00:00Z"'), '#/runAt'),
  'days that do not exist': request(
    echo('1', ',"runAt":"2026-02-30T00:00:00Z","expiresAt":"soon"'),
    '#/runAt',
    '#/expiresAt',
  ),
  'a local time': request(echo('1', ',"runAt":"2026-01-01T00:00:00"'), '#/runAt'),
  'the year 10000': request(echo('1', ',"expiresAt":"9999-12-31T23:59:59-23:59"'), '#/expiresAt'),
  'attempts without end': request(
    echo('1', ',"retry":{"maxAttempts":51,"backoff":{"jitter":2,"kind":"random"}}'),
    '#/retry/maxAttempts',
    '#/retry/backoff/kind',
    '#/retry/backoff/jitter',
  ),
  'a key with a NUL': request(echo('1', ',"idempotencyKey":"a\\u0000"'), '#/idempotencyKey'),

  'an unknown type': {
    body: '{"type":"test.ecko","payload":1}',
    status: 422,
    code: 'unknown_task_type',
    pointers: ['#/type'],
  },
  'a type with a NUL': { body: '{"type":"test.echo\\u0000","payload":1}', status: 422, code: 'unknown_task_type' },
  'a type named like a prototype key': {
    body: '{"type":"__proto__","payload":1}',
    status: 422,
    code: 'unknown_task_type',
  },

  'a payload that does not fit': payload(
    '{"type":"test.resize","payload":{"width":0,"a/b":1}}',
    '#/payload/width',
    '#/payload/a~1b',
  ),
  'a NUL in the payload': payload(echo('{"a":[1,"\\u0000"]}'), '#/payload/a/1'),
  'a NUL in a key of the payload': payload(echo('{"\\u0000":1}'), '#/payload'),
  'a lone surrogate in the payload': payload(echo('["\\udc00"]'), '#/payload/0'),
  'a number out of range in the payload': payload(echo('{"a":-1e999}'), '#/payload/a'),
};

it.each(Object.entries(cases))('refuses %s', async (_, { status, code, pointers, body, headers = json }) => {
  const api = createApi({ maxBodyBytes });
  const answer = await api.post('/submit-task', { ...(body !== undefined && { body }), headers });
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({
    type: 'about:blank',
    status,
    title: expect.any(String),
    detail: expect.any(String),
  });
  if (pointers) expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual(pointers);
  expect((await api.get('/tasks')).body.items).toEqual([]);
  expect((await api.submit({ type: 'test.echo', payload: 1 })).status).toBe(202);
});

it('names the types it knows', async () => {
  const { body } = await createApi().submit({ type: 'test.ecko', payload: 1 });
  expect(body.known).toContain('test.echo');
  expect(body.detail).toContain('test.echo');
});

it('says what is wrong in words that name no library', async () => {
  const wrong = {
    ...{ type: 'x'.repeat(129), priority: 'urgent', delayMs: -1, timeoutMs: 0.5, retry: 3, tags: ['', 1] },
    ...{ runAt: 'tomorrow', idempotencyKey: 'x'.repeat(256), delay: 1 },
  };
  const { body } = await createApi().submit(wrong);
  expect(Object.fromEntries(body.errors.map(({ pointer, detail }: Problem) => [pointer, detail]))).toEqual({
    '#/type': 'must have at most 128 characters',
    '#/payload': 'is required',
    '#/priority': 'must be one of critical, high, normal, low, bulk',
    '#/delayMs': 'must be at least 0',
    '#/timeoutMs': 'must be a whole number',
    '#/retry': 'must be an object',
    '#/tags/0': 'must have at least 1 character',
    '#/tags/1': 'must be a text',
    '#/runAt': 'must be ISO 8601 with a time zone, for example 2026-01-31T12:00:00Z',
    '#/idempotencyKey': 'must have at most 255 characters',
    '#/delay': 'is not a known field',
  });
  expect((await createApi().get('/tasks?tag=a&tag=b')).body.detail).toBe('tag may be given only once');
  expect((await createApi().get('/tasks?state=done')).body.detail).toMatch(/^state must be one of scheduled, queued, /);
  expect((await createApi().submit('[]')).body.errors).toEqual([{ pointer: '#', detail: 'must be an object' }]);
  expect((await createApi().submit('{"payload":1}')).body.errors).toEqual([
    { pointer: '#/type', detail: 'is required' },
  ]);
});

it('says what a coded body should be', async () => {
  const headers = { ...json, 'Content-Encoding': 'gzip' };
  const { headers: answered, body } = await createApi().post('/submit-task', { headers, body: 'x' });
  expect([answered.get('accept-encoding'), body.detail]).toEqual(['identity', expect.stringContaining('"gzip"')]);
  const lines = { 'Content-Type': 'application/x-ndjson', 'Content-Encoding': 'gzip' };
  expect((await createApi().post('/submit-tasks', { headers: lines, body: 'x' })).status).toBe(415);
  expect((await createApi().submit({ type: 'test.echo', payload: 1 }, { 'Content-Encoding': 'identity' })).status).toBe(
    202,
  );
});

it('lists a bounded number of the bad fields', async () => {
  const fields = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`field${i}`, 1]));
  const { status, body } = await createApi().submit({ type: 'test.echo', payload: 1, ...fields });
  expect(status).toBe(422);
  expect(body.errors).toHaveLength(100);
  expect(body.detail).toContain('4999 more');
});

it.each([`"\\"${'['.repeat(500)}"`, `"${'['.repeat(500)}"`, nested(63), `[${Array(500).fill('[]')}]`])(
  'takes a payload that only looks deep: %s',
  async (text) => {
    expect((await createApi().submit(echo(text))).status).toBe(202);
  },
);

it.each(['application/json; charset=UTF-8', 'Application/JSON;charset="utf-8"', 'application/vnd.mine+json'])(
  'takes %s',
  async (contentType) => {
    expect((await createApi().submit(echo('1'), { 'Content-Type': contentType })).status).toBe(202);
  },
);

it('takes a body of exactly the limit, and a BOM before it', async () => {
  const body = `\uFEFF${echo('"é"')}`;
  const api = createApi({ maxBodyBytes: Buffer.byteLength(body) });
  expect((await api.submit(body)).status).toBe(202);
  expect((await api.submit(`${body} `)).status).toBe(413);
});

it('stops reading a stream at the limit, though no length was declared', async () => {
  let sent = 0;
  let cancelled = false;
  const large = new ReadableStream({
    pull: (controller) => {
      sent += 1_000;
      controller.enqueue(new Uint8Array(1_000).fill(0x20));
      if (sent === 1_000_000) controller.close();
    },
    cancel: () => {
      cancelled = true;
    },
  });
  const answer = await createApi({ maxBodyBytes: 10_000 }).post('/submit-task', { headers: json, body: large });
  expect([answer.status, answer.body.code, cancelled]).toEqual([413, 'payload_too_large', true]);
  expect(sent).toBeLessThan(20_000);
});

it('takes a stream within the limit', async () => {
  const body = new Blob([echo('"streamed"')]).stream();
  expect((await createApi().post('/submit-task', { headers: json, body })).status).toBe(202);
});

it('refuses a stream that breaks off', async () => {
  const broken = new ReadableStream({ start: (controller) => controller.error(new Error('connection lost')) });
  const { status, body } = await createApi().post('/submit-task', { headers: json, body: broken });
  expect([status, body.code]).toEqual([400, 'invalid_json']);
});
