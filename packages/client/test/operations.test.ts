import { expect, it } from 'vitest';
import { createClient, type Operation } from '../src/index.ts';
import { serve } from './server.ts';

/** A server with one operation that goes on by one task with every look, in the shape of the HTTP contract. */
async function serveOperation() {
  const operation: Operation = { id: 'op-1', action: 'retry', state: 'running', total: 3, done: 0, failed: 0 };
  const bodies: unknown[] = [];
  const baseUrl = await serve(async (request) => {
    const route = `${request.method} ${new URL(request.url).pathname}`;
    if (route === 'POST /operations') {
      const body = (await request.json()) as { dryRun?: boolean };
      bodies.push(body);
      return body.dryRun ? Response.json({ count: 3, sample: [] }) : Response.json(operation, { status: 202 });
    }
    if (route === 'POST /operations/op-1/stop') return Response.json(Object.assign(operation, { state: 'stopped' }));
    const done = operation.done + 1;
    return Response.json(Object.assign(operation, { done, ...(done === 3 && { state: 'completed' }) }));
  });
  return { client: createClient({ baseUrl, retry: false }), bodies };
}

const request = {
  action: 'retry' as const,
  filter: { state: ['failed' as const], finishedAfter: new Date(0) },
  perSecond: 10,
};

it('previews, starts and follows a mass action', async () => {
  const { client, bodies } = await serveOperation();
  expect(await client.operations.dryRun(request)).toEqual({ count: 3, sample: [] });
  const { id } = await client.operations.start(request);
  const seen: number[] = [];
  for await (const { done } of client.operations.follow(id, { everyMs: 1 })) seen.push(done);
  expect(seen).toEqual([1, 2, 3]);
  const sent = { ...request, filter: { state: ['failed'], finishedAfter: '1970-01-01T00:00:00.000Z' } };
  expect(bodies).toEqual([{ ...sent, dryRun: true }, sent]);
});

it('stops one', async () => {
  const { client } = await serveOperation();
  expect(await client.operations.stop('op-1')).toMatchObject({ state: 'stopped' });
  expect(await client.operations.get('op-1')).toMatchObject({ id: 'op-1', done: 1 });
});
