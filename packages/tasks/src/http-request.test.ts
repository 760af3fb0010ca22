import type { ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { type InputOf, PermanentError, RetryAfterError } from '@navette/domain';
import { describe, expect, it } from 'vitest';
import { createContext } from '../test/handler-context.ts';
import { type Seen, see, serve } from '../test/http-server.ts';
import { problemsOf } from '../test/problems.ts';
import { createAddressGuard, defineHttpRequest, type HttpRequestPayload } from './index.ts';

const httpRequest = defineHttpRequest(createAddressGuard(['127.0.0.0/8']));

type Sent = InputOf<typeof httpRequest.payload>;

async function run(payload: Sent, signal?: AbortSignal) {
  const checked = await httpRequest.payload['~standard'].validate(payload);
  if (checked.issues) throw new Error(checked.issues.map((issue) => issue.message).join());
  return httpRequest.handler(checked.value as HttpRequestPayload, createContext(signal ? { signal } : {}));
}

async function failure(payload: Sent, signal?: AbortSignal): Promise<Error & { code?: string }> {
  return run(payload, signal).then(
    () => expect.unreachable('it should have failed'),
    (error: Error) => error,
  );
}

const answer = (response: ServerResponse, status: number, headers = {}, body?: string | Buffer) =>
  response.writeHead(status, headers).end(body);

describe('http.request', () => {
  it('sends what it is given and returns what came back', async () => {
    const seen: Seen[] = [];
    const origin = await serve(async (request, response) => {
      seen.push(await see(request));
      answer(
        response,
        201,
        { 'content-type': 'application/json; charset=utf-8', etag: '"1"', 'x-other': 'x' },
        '{"id":7}',
      );
    });
    const result = await run({
      url: `${origin}/things?a=1#part`,
      method: 'POST',
      headers: { 'X-Key': 'k' },
      body: { n: 1 },
    });
    expect(seen).toMatchObject([{ method: 'POST', path: '/things?a=1', body: '{"n":1}' }]);
    expect(seen[0]?.headers).toMatchObject({
      'x-key': 'k',
      'content-type': 'application/json',
      'user-agent': 'navette',
    });
    expect(result).toMatchObject({ status: 201, body: { id: 7 }, truncated: false });
    expect(result.headers).toEqual(expect.objectContaining({ etag: '"1"' }));
    expect(result.headers).not.toHaveProperty('x-other');
  });

  it('sends a text body as it is', async () => {
    const origin = await serve(async (request, response) => answer(response, 200, {}, (await see(request)).body));
    expect((await run({ url: origin, method: 'PUT', body: 'a=1' })).body).toBe('a=1');
  });

  it.each([
    ['nothing', 'text/plain', '', null],
    ['a text', 'text/plain', 'hé', 'hé'],
    ['a text in another charset', 'text/plain; charset="ISO-8859-1"', Buffer.from('hé', 'latin1'), 'hé'],
    ['a charset nobody knows', 'text/plain; charset=x-none', 'hé', 'hé'],
    ['JSON of a vendor', 'application/vnd.api+json', '[1]', [1]],
    ['JSON that is none', 'application/json', '{', '{'],
    ['JSON that cannot be stored', 'application/json', '"\\u0000"', '"\\u0000"'],
    ['JSON nested too deep', 'application/json', '['.repeat(65) + ']'.repeat(65), '['.repeat(65) + ']'.repeat(65)],
    ['bytes that are no text', 'image/png', Buffer.from([0x89, 0x50, 0]), '\uFFFDP\uFFFD'],
  ])('reads %s', async (_name, type, body, value) => {
    const origin = await serve((_request, response) => answer(response, 200, { 'content-type': type }, body));
    expect((await run({ url: origin })).body).toEqual(value);
  });

  it('reads a compressed body', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const origin = await serve((_request, response) => answer(response, 200, headers, gzipSync('plain')));
    expect((await run({ url: origin })).body).toBe('plain');
  });

  it('asks for the head alone', async () => {
    const headers = { 'content-encoding': 'gzip', etag: '"1"' };
    const origin = await serve((_request, response) => answer(response, 200, headers));
    const result = await run({ url: origin, method: 'HEAD' });
    expect(result).toMatchObject({ status: 200, headers: { etag: '"1"' }, body: null });
  });

  it('keeps the first megabyte and reads no further', async () => {
    let sent = 0;
    function* endless() {
      for (; ; sent += 65_536) yield 'é'.repeat(32_768);
    }
    let closed = false;
    const origin = await serve((_request, response) => {
      pipeline(Readable.from(endless()), response, () => {
        closed = true;
      });
    });
    const result = await run({ url: origin });
    expect(result.truncated).toBe(true);
    expect(result.body).toBe('é'.repeat(524_288));
    await expect.poll(() => closed).toBe(true);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('keeps a body of exactly a megabyte whole', async () => {
    const origin = await serve((_request, response) => answer(response, 200, {}, 'a'.repeat(1_048_576)));
    const result = await run({ url: origin });
    expect([result.truncated, String(result.body).length]).toEqual([false, 1_048_576]);
  });
});

describe('the status of an answer', () => {
  const origin = () =>
    serve((request, response) => {
      const url = new URL(request.url ?? '', 'http://x');
      const headers = { 'retry-after': url.searchParams.get('after') ?? [] };
      answer(response, Number(url.pathname.slice(1)), headers, 'because');
    });

  it.each([400, 401, 404, 408, 410, 422, 304])('%i is permanent', async (status) => {
    const error = await failure({ url: `${await origin()}/${status}` });
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.code).toBe(`http_${status}`);
  });

  it.each([429, 500, 502, 503, 504])('%i is transient', async (status) => {
    const error = await failure({ url: `${await origin()}/${status}?secret=1` });
    expect(error).not.toBeInstanceOf(PermanentError);
    expect(error).not.toBeInstanceOf(RetryAfterError);
    expect(error.code).toBe(`http_${status}`);
    expect(error.message).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/\d+ answered \d+: because$/);
  });

  it.each([429, 503])('%i is tried again after its Retry-After', async (status) => {
    const base = await origin();
    expect(await failure({ url: `${base}/${status}?after=7` })).toMatchObject({
      name: 'RetryAfterError',
      retryAfter: 7_000,
      code: `http_${status}`,
    });
    const moment = 'Wed, 21 Oct 2065 07:28:00 GMT';
    const error = await failure({ url: `${base}/${status}?after=${encodeURIComponent(moment)}` });
    expect(error).toMatchObject({ name: 'RetryAfterError', retryAfter: new Date(moment) });
  });

  it.each(['soon', '-1', '1.5', '2065-01-01'])('a Retry-After of %s says nothing', async (after) => {
    const error = await failure({ url: `${await origin()}/503?after=${after}` });
    expect([error.name, error.code]).toEqual(['TransientError', 'http_503']);
  });

  it('is a success where it was expected', async () => {
    const base = await origin();
    expect((await run({ url: `${base}/404`, expectStatus: 404 })).status).toBe(404);
    expect((await run({ url: `${base}/503?after=7`, expectStatus: [200, 503] })).status).toBe(503);
    expect(await failure({ url: `${base}/200`, expectStatus: [201, 204] })).toMatchObject({
      name: 'PermanentError',
      code: 'http_200',
    });
  });
});

describe('a network that fails', () => {
  it('is transient where nobody listens', async () => {
    const error = await failure({ url: 'http://127.0.0.1:1/' });
    expect(error).toMatchObject({ name: 'TransientError', code: 'network_error' });
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('is transient where the answer breaks off', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    });
    expect(await failure({ url: origin })).toMatchObject({ name: 'TransientError', code: 'network_error' });
  });

  it('is transient where a compressed body is broken', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const origin = await serve((_request, response) => answer(response, 200, headers, 'not gzip'));
    expect(await failure({ url: origin })).toMatchObject({ name: 'TransientError', code: 'network_error' });
  });
});

describe('a signal', () => {
  it('stops a request that is not answered', async () => {
    const abort = new AbortController();
    const reason = new Error('cancelled');
    let closed = false;
    const origin = await serve((_request, response) => {
      response.on('close', () => {
        closed = true;
      });
      abort.abort(reason);
    });
    expect(await failure({ url: origin }, abort.signal)).toBe(reason);
    await expect.poll(() => closed).toBe(true);
  });

  it('stops a body that does not end', async () => {
    const abort = new AbortController();
    const reason = new Error('timed out');
    const origin = await serve((_request, response) => {
      response.write('a', () => abort.abort(reason));
    });
    expect(await failure({ url: origin }, abort.signal)).toBe(reason);
  });
});

describe('the payload of http.request', () => {
  const url = 'https://example.org/';

  it.each([
    ['url', { url: 'ftp://example.org/' }, 'must be an http or https URL'],
    ['url', { url: '/path' }, 'must be an absolute URL'],
    ['url', { url: 'https://user:secret@example.org/' }, 'must not hold credentials; send an authorization header'],
    ['headers/Host', { url, headers: { Host: 'a' } }, 'is a header that cannot be set'],
    ['headers/content-length', { url, headers: { 'content-length': '1' } }, 'is a header that cannot be set'],
    [
      'headers/Transfer-Encoding',
      { url, headers: { 'Transfer-Encoding': 'chunked' } },
      'is a header that cannot be set',
    ],
    ['headers/a b', { url, headers: { 'a b': '1' } }, 'is not the name of a header'],
    ['headers/a', { url, headers: { a: 'x\r\nb: y' } }, 'holds characters that a header cannot hold'],
    ['body', { url, body: 'x' }, 'cannot be sent with GET'],
  ])('%s is refused in %j', async (path, payload, message) => {
    expect(await problemsOf(httpRequest, payload)).toEqual({ [path]: message });
  });

  it.each([
    ['method', { url, method: 'get' }],
    ['expectStatus', { url, expectStatus: 99 }],
    ['expectStatus', { url, expectStatus: [] }],
    ['headers/a', { url, headers: { a: 1 } }],
  ])('%s is refused in %j too', async (path, payload) => {
    expect(Object.keys(await problemsOf(httpRequest, payload))).toEqual([path]);
  });
});
