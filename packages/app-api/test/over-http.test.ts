import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLog } from '@navette/domain';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createApiServer } from '../src/api-server.ts';
import type { App } from '../src/app.ts';
import { createApi } from './api.ts';

/** Serves an API as `main.ts` does: what a server makes of requests is not what `app.request()` makes of them. */
async function serve(options: Parameters<typeof createApi>[0] = {}) {
  const api = createApi(options);
  return { ...api, ...(await listen(api.app)) };
}

async function listen(app: App) {
  const server = createApiServer(app, silentLog);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const send = (method: string, path: string, more: RequestOptions = {}) =>
    request({ host: '127.0.0.1', port, method, path, agent: false, ...more });
  const connections = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
  /** Sends these bytes and nothing else; what comes back until the server closes. */
  const sendRaw = async (bytes: string) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(bytes);
    return text(socket);
  };
  return { port, send, sendRaw, connections };
}

async function answerOf(sent: ReturnType<typeof request>) {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: text && JSON.parse(text) };
}

const headers = { 'Content-Type': 'application/json' };
const lines = { 'Content-Type': 'application/x-ndjson' };
const submission = JSON.stringify({ type: 'test.echo', payload: 'é' });

describe('over HTTP', () => {
  it('takes a submission, with its length declared or in chunks', async () => {
    const { send } = await serve();
    const sent = send('POST', '/submit-task', { headers });
    sent.end(submission);
    const { status, headers: answered, body } = await answerOf(sent);
    expect([status, answered['content-type'], answered.location]).toEqual([
      202,
      'application/json',
      `/tasks/${body.id}`,
    ]);
    const chunked = send('POST', '/submit-task', { headers });
    for (const byte of Buffer.from(submission)) chunked.write(Buffer.of(byte));
    chunked.end();
    expect((await answerOf(chunked)).body).toMatchObject({ state: 'queued', payload: 'é' });
  });

  it('refuses a body over the limit before it has been sent', async () => {
    const { send } = await serve({ maxBodyBytes: 1_000 });
    const declared = send('POST', '/submit-task', { headers: { ...headers, 'Content-Length': '1001' } });
    declared.flushHeaders();
    expect((await answerOf(declared)).status).toBe(413);
    const chunked = send('POST', '/submit-task', { headers });
    chunked.write(Buffer.alloc(1_001, 0x20));
    expect((await answerOf(chunked)).status).toBe(413);
    for (const unfinished of [declared, chunked]) unfinished.on('error', () => {}).destroy();
  });

  it('stops waiting for a client that has gone', async () => {
    const { send, navette, submit } = await serve();
    const wait = vi.spyOn(navette, 'wait');
    const { body } = await submit({ type: 'test.echo', payload: 1 });
    const sent = send('GET', `/tasks/${body.id}?wait=60`);
    sent.on('error', () => {}).end();
    await vi.waitFor(() => expect(wait).toHaveBeenCalled());
    sent.destroy();
    expect(await wait.mock.results[0]?.value).toMatchObject({ state: 'queued' });
  });

  it('stops following for a client that has gone', async () => {
    const { send, navette, submit } = await serve();
    const follow = vi.spyOn(navette, 'follow');
    const { body } = await submit({ type: 'test.echo', payload: 1 });
    const sent = send('GET', `/tasks/${body.id}/events`);
    sent.on('error', () => {}).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    await once(response, 'data');
    const signal = follow.mock.lastCall?.[1]?.signal;
    expect(signal?.aborted).toBe(false);
    sent.destroy();
    await vi.waitFor(() => expect(signal?.aborted).toBe(true));
  });

  it('answers lines while it reads them, both without a length', async () => {
    const { send } = await serve();
    const sent = send('POST', '/submit-tasks', { headers: lines });
    sent.flushHeaders();
    sent.write(`${submission}\n`);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const answers = response.setEncoding('utf8')[Symbol.asyncIterator]();
    expect(JSON.parse((await answers.next()).value)).toMatchObject({ index: 0, task: { payload: 'é' } });
    sent.end(submission);
    expect(JSON.parse((await answers.next()).value)).toMatchObject({ index: 1, task: { payload: 'é' } });
    expect((await answers.next()).done).toBe(true);
  });

  it('takes no line of a client that has gone in the middle of it', async () => {
    const { send, navette, connections } = await serve();
    const submitRequests = vi.spyOn(navette, 'submitRequests');
    const sent = send('POST', '/submit-tasks', { headers: lines });
    sent.on('error', () => {}).write(`${submission}\n`);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.on('error', () => {}).resume();
    await vi.waitFor(() => expect(submitRequests).toHaveBeenCalledTimes(1));
    await new Promise((resolve) => sent.write(submission, resolve));
    sent.destroy();
    await vi.waitFor(async () => expect(await connections()).toBe(0));
    expect(submitRequests).toHaveBeenCalledTimes(1);
    expect((await navette.search({})).items).toHaveLength(1);
  });

  it('answers HEAD with nothing but the head', async () => {
    const { send } = await serve();
    const sent = send('HEAD', '/tasks');
    sent.end();
    expect(await answerOf(sent)).toMatchObject({ status: 200, body: '' });
  });

  it('refuses an address that claims another host', async () => {
    const { send } = await serve();
    const sent = send('GET', '/tasks', { headers: { Host: 'evil.example' } });
    sent.end();
    expect((await answerOf(sent)).status).toBe(403);
  });
});

describe('what is no HTTP', () => {
  const host = 'Host: localhost\r\n';
  const submission = (framing: string, body: string) =>
    `POST /submit-task HTTP/1.1\r\n${host}Content-Type: application/json\r\n${framing}\r\n\r\n${body}`;

  it.each([
    ['nonsense', 'HELO\r\n\r\n', 400, 'malformed_request'],
    ['another version', `GET / HTTP/3.0\r\n${host}\r\n`, 400, 'malformed_request'],
    ['a length that is none', submission('Content-Length: x', ''), 400, 'malformed_request'],
    [
      'a length and chunks',
      submission('Content-Length: 1\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
      400,
      'malformed_request',
    ],
    ['a bad chunk', submission('Transfer-Encoding: chunked', 'zz\r\n'), 400, 'malformed_request'],
    [
      'endless extensions',
      submission('Transfer-Encoding: chunked', `1;${'x'.repeat(20_000)}`),
      413,
      'payload_too_large',
    ],
    ['a huge head', `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
    ['a huge address', `GET /tasks?tag=${'x'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`, 431, 'headers_too_large'],
    [
      'a Host that cannot be',
      'GET /tasks HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
      400,
      'malformed_request',
    ],
    ['no Host', 'GET /tasks HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'malformed_request'],
    ['no Host, of old', 'GET /tasks HTTP/1.0\r\n\r\n', 400, 'malformed_request'],
    ['an address that cannot be', `GET /a\\b HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400, 'malformed_request'],
    [
      'expectations',
      submission('Expect: miracles\r\nConnection: close\r\nContent-Length: 0', ''),
      417,
      'expectation_failed',
    ],
  ])('refuses %s with a problem', async (_, bytes, status, code) => {
    const { sendRaw } = await serve();
    const answer = await sendRaw(bytes);
    expect(answer).toMatch(
      new RegExp(`^HTTP/1\\.1 ${status} .*\\r\\nContent-Type: application/problem\\+json\\r\\n`, 'i'),
    );
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ type: 'about:blank', status, code });
  });

  it('is refused so that a client finds the answer although it was still sending', async () => {
    const { port } = await serve();
    const socket = connect(port, '127.0.0.1');
    const wentWrong = vi.fn();
    socket.on('error', wentWrong).write('HELO\r\n\r\n');
    for (let i = 0; i < 10; i++) {
      await sleep(5);
      socket.write(Buffer.alloc(10_000));
    }
    expect(await text(socket)).toContain('malformed_request');
    expect(wentWrong).not.toHaveBeenCalled();
  });

  it('does not take back the answer before it', async () => {
    // More than any buffer on the way takes at once.
    const large = 'x'.repeat(20_000_000);
    const { sendRaw } = await listen({ fetch: () => new Response(large) } as unknown as App);
    const answer = await sendRaw(`GET / HTTP/1.1\r\n${host}\r\nnonsense\r\n\r\n`);
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4).length).toBe(large.length);
  });

  it('is not written into an answer that is under way', async () => {
    const { port, submit } = await serve();
    const { body } = await submit({ type: 'test.echo', payload: 1 });
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET /tasks/${body.id}/events HTTP/1.1\r\n${host}\r\n`);
    await once(socket, 'data');
    socket.write('nonsense\r\n\r\n');
    expect(await text(socket)).not.toContain('HTTP/1.1');
  });
});
