import { expect, it } from 'vitest';
import { createClient } from '../src/index.ts';
import { serveApi } from './server.ts';

const queued = { state: ['queued' as const], submittedBefore: new Date('9999-01-01') };

it('previews, starts, lists and follows a mass action', async () => {
  const { navette, baseUrl } = await serveApi();
  const client = createClient({ baseUrl });
  for (let n = 0; n < 3; n++) await client.submit({ type: 'test.echo', payload: n });
  const request = { action: 'cancel' as const, filter: queued, perSecond: 1_000 };
  expect(await client.operations.dryRun(request)).toMatchObject({ count: 3, sample: [{}, {}, {}] });
  const operation = await client.operations.start(request);
  expect(operation).toMatchObject({ state: 'running', total: 3, filter: { state: ['queued'] } });
  await navette.work({ queues: {} }).ready;
  let last = operation;
  for await (const now of client.operations.follow(operation.id, { everyMs: 10 })) last = now;
  expect(last).toMatchObject({ id: operation.id, state: 'completed', done: 3, failed: 0 });
  expect(await client.operations.list()).toEqual({ items: [last], nextCursor: null });
});

it('stops one', async () => {
  const { baseUrl } = await serveApi();
  const client = createClient({ baseUrl });
  await client.submit({ type: 'test.echo', payload: 1 });
  const { id } = await client.operations.start({ action: 'cancel', filter: {}, all: true });
  const stopped = await client.operations.stop(id);
  expect(stopped).toMatchObject({ state: 'stopped', total: 1, done: 0 });
  expect(await client.operations.get(id)).toEqual(stopped);
});

it('starts one, however often the answer is lost', async () => {
  const { navette, baseUrl } = await serveApi({
    fault: (_request, number) => (number < 3 ? 'break-after' : undefined),
  });
  const client = createClient({ baseUrl, retry: { delayMs: 1 } });
  const { id } = await client.operations.start({ action: 'retry', filter: { tag: 'a' } });
  const { items } = await navette.operations.list();
  expect(items.map((operation) => operation.id)).toEqual([id]);
});

it('starts one for a key of the caller', async () => {
  const { baseUrl } = await serveApi();
  const client = createClient({ baseUrl });
  const request = { action: 'retry' as const, filter: { tag: 'a' }, idempotencyKey: 'nightly-2026-01-31' };
  const first = await client.operations.start(request);
  expect((await client.operations.start(request)).id).toBe(first.id);
});
