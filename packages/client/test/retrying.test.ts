import { describe, expect, it } from 'vitest';
import { createClient, NavetteConnectionError } from '../src/index.ts';
import { type Fault, serve, serveApi } from './server.ts';

const submission = { type: 'test.echo', payload: 1 };
const quick = { delayMs: 1, maxDelayMs: 2 };
const unavailable = () =>
  Response.json(
    { type: 'about:blank', title: 'Service Unavailable', status: 503, code: 'store_unavailable', detail: 'away' },
    { status: 503, headers: { 'Retry-After': '0', 'Content-Type': 'application/problem+json' } },
  );

/** A server whose first requests go wrong in this way. */
async function withFaults(...faults: readonly (Fault | undefined)[]) {
  const server = await serveApi({ fault: (_request, number) => faults[number - 1] });
  return { ...server, client: createClient({ baseUrl: server.baseUrl, retry: quick }) };
}

describe('a submission', () => {
  it('is sent again and makes one task, wherever the connection broke', async () => {
    const { client, navette, requests } = await withFaults('break-after', 'break-before', 'break-after');
    const { id } = await client.submit(submission);
    expect(requests).toHaveLength(4);
    expect((await navette.search()).items.map((task) => task.id)).toEqual([id]);
  });

  it('is sent again when the server or a proxy before it cannot answer now', async () => {
    const { client, navette, requests } = await withFaults(
      unavailable(),
      new Response('<h1>Bad Gateway</h1>', { status: 502 }),
      new Response(null, { status: 429, headers: { 'Retry-After': new Date().toUTCString() } }),
    );
    await client.submit(submission);
    expect(requests).toHaveLength(4);
    expect((await navette.search()).items).toHaveLength(1);
  });

  it('keeps the key it came with', async () => {
    const { client, navette } = await withFaults('break-after');
    await client.submit({ ...submission, idempotencyKey: 'order-42' });
    await client.submit({ ...submission, idempotencyKey: 'order-42' });
    expect((await navette.search()).items).toHaveLength(1);
    await expect(client.submit({ ...submission, payload: 2, idempotencyKey: 'order-42' })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });
});

it('gives up after so many tries', async () => {
  const { baseUrl, requests } = await serveApi({ fault: () => 'break-before' });
  const client = createClient({ baseUrl, retry: { ...quick, tries: 3 } });
  await expect(client.queues()).rejects.toBeInstanceOf(NavetteConnectionError);
  expect(requests).toHaveLength(3);
  await expect(createClient({ baseUrl, retry: false }).queues()).rejects.toThrow('no answer from the server');
  expect(requests).toHaveLength(4);
});

it('tells what the last refusal said', async () => {
  const { baseUrl } = await serveApi({ fault: unavailable });
  const client = createClient({ baseUrl, retry: { ...quick, tries: 2 } });
  await expect(client.queues()).rejects.toMatchObject({ status: 503, code: 'store_unavailable', retryAfterMs: 0 });
});

it('does not wait as long as a server asks that asks for too much', async () => {
  const later = new Response(null, { status: 503, headers: { 'Retry-After': '3600' } });
  const { client, requests } = await withFaults(later);
  await expect(client.queues()).rejects.toMatchObject({ status: 503, code: 'unknown', retryAfterMs: 3_600_000 });
  expect(requests).toHaveLength(1);
});

it('does not repeat what is refused for good', async () => {
  const { client, requests } = await withFaults();
  await expect(client.submit({ type: 'nobody.knows', payload: 1 })).rejects.toMatchObject({ status: 422 });
  expect(requests).toHaveLength(1);
});

it('does not repeat, after a lost answer, what could then be done twice', async () => {
  const { client, navette, requests } = await withFaults(undefined, undefined, 'break-after');
  const { id } = await client.submit(submission);
  await client.cancel(id);
  await expect(client.retry(id)).rejects.toBeInstanceOf(NavetteConnectionError);
  expect(requests).toHaveLength(3);
  expect(await navette.get(id)).toMatchObject({ state: 'queued' });
});

it('repeats even that after a 429, when nothing was done', async () => {
  const full = new Response(null, { status: 429, headers: { 'Retry-After': '0' } });
  const { client, requests } = await withFaults(undefined, undefined, full);
  const { id } = await client.submit(submission);
  await client.cancel(id);
  expect(await client.retry(id)).toMatchObject({ state: 'queued' });
  expect(requests).toHaveLength(4);
});

it('takes a server that does not answer for one that is away', async () => {
  const baseUrl = await serve(() => new Promise(() => {}));
  const client = createClient({ baseUrl, timeoutMs: 20, retry: { ...quick, tries: 2 } });
  await expect(client.queues()).rejects.toThrow('it took longer than 20 ms');
});

it('throws at once what cannot be sent', async () => {
  const { client, requests } = await withFaults();
  await expect(client.submit({ type: 'test.echo', payload: 1n })).rejects.toBeInstanceOf(TypeError);
  expect(requests).toHaveLength(0);
});

describe('a signal', () => {
  it('ends a call that waits for its answer', async () => {
    const { client, navette } = await withFaults();
    const { id } = await client.submit(submission);
    const stop = new AbortController();
    const waiting = client.wait(id, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(await navette.get(id)).toMatchObject({ state: 'queued' });
  });

  it('ends a call that waits for its next try', async () => {
    const stop = new AbortController();
    const { baseUrl } = await serveApi({
      fault: () => {
        setImmediate(() => stop.abort(new Error('enough')));
        return new Response(null, { status: 503, headers: { 'Retry-After': '30' } });
      },
    });
    await expect(createClient({ baseUrl }).queues({ signal: stop.signal })).rejects.toThrow('enough');
  });

  it('stops a call before it begins', async () => {
    const { client, requests } = await withFaults();
    await expect(client.submit(submission, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
    expect(requests).toHaveLength(0);
  });
});
