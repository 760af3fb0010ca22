import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createApi } from './api.ts';

/** Serves an API as `main.ts` does: what a server makes of requests is not what `app.request()` makes of them. */
async function serve(options: Parameters<typeof createApi>[0] = {}) {
  const api = createApi(options);
  const server = createAdaptorServer({ fetch: api.app.fetch }) as Server;
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
  return { ...api, send, connections };
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
