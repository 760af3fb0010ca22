import { expect, it } from 'vitest';
import { type BulkItem, createClient, type Submission } from '../src/index.ts';
import { serveBulk } from './bulk-server.ts';

const retry = { delayMs: 1, maxDelayMs: 2, tries: 4 };
const echoes = (count: number): Submission[] =>
  Array.from({ length: count }, (_nothing, n) => ({ type: 'test.echo', payload: n }));

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

it('tells of each submission what became of it, in their order', async () => {
  const { baseUrl, navette } = await serveBulk();
  const tasks = [...echoes(2), { type: 'nobody.knows', payload: 1 }, ...echoes(1)];
  const { accepted, rejected, items } = await createClient({ baseUrl }).submitMany(tasks);
  expect({ accepted, rejected }).toEqual({ accepted: 3, rejected: 1 });
  expect(items.map(({ index, task, problem }) => [index, task?.payload ?? problem?.code])).toEqual([
    [0, 0],
    [1, 1],
    [2, 'unknown_task_type'],
    [3, 0],
  ]);
  expect((await navette.search()).items).toHaveLength(3);
});

it('sends many in batches, from a source that is read as it goes', async () => {
  const { baseUrl, linesOf } = await serveBulk();
  let read = 0;
  const source = (async function* () {
    for (const submission of echoes(2_500)) {
      read++;
      yield submission;
    }
  })();
  const items = createClient({ baseUrl }).submitStream(source);
  expect(await items.next()).toMatchObject({ value: { index: 0, task: { payload: 0 } } });
  expect(read).toBe(2_000);
  const rest = await collect(items);
  expect(rest.map(({ index, task }) => [index, task?.payload])).toEqual(
    Array.from({ length: 2_499 }, (_nothing, n) => [n + 1, n + 1]),
  );
  expect(linesOf).toEqual([1_000, 1_000, 500]);
});

it('sends again only what has no answer, and no task is doubled', async () => {
  const endAfterThree = (line: number, request: number) => (request === 1 && line === 3 ? 'end' : undefined);
  const { baseUrl, navette, linesOf } = await serveBulk(endAfterThree);
  const { accepted } = await createClient({ baseUrl, retry }).submitMany(echoes(5));
  expect([accepted, linesOf]).toEqual([5, [5, 2]]);
  expect((await navette.search()).items).toHaveLength(5);
});

it('doubles no task where the connection broke after all was stored', async () => {
  const { baseUrl, navette, linesOf } = await serveBulk(undefined, 1);
  expect(await createClient({ baseUrl, retry }).submitMany(echoes(5))).toMatchObject({ accepted: 5, rejected: 0 });
  expect(linesOf).toEqual([5, 5]);
  expect((await navette.search()).items).toHaveLength(5);
});

it('sends again what the server could not store, and keeps the order', async () => {
  const awayForOne = (line: number, request: number) =>
    request < 3 && line === 1 ? { status: 503, code: 'store_unavailable' } : undefined;
  const { baseUrl, linesOf } = await serveBulk(awayForOne);
  const { items } = await createClient({ baseUrl, retry }).submitMany(echoes(4));
  expect(items.map(({ task }) => task?.payload)).toEqual([0, 1, 2, 3]);
  expect(linesOf).toEqual([4, 1]);
});

it('gives what is answered before a failure, then the failure', async () => {
  const { baseUrl } = await serveBulk((_line, request) =>
    request > 1 ? { status: 503, code: 'store_unavailable' } : undefined,
  );
  const items: BulkItem[] = [];
  const reading = (async () => {
    for await (const item of createClient({ baseUrl, retry }).submitStream(echoes(1_001))) items.push(item);
  })();
  await expect(reading).rejects.toMatchObject({ status: 503, code: 'store_unavailable' });
  expect(items).toHaveLength(1_000);
});

it('takes all or nothing', async () => {
  const { baseUrl, navette } = await serveBulk();
  const client = createClient({ baseUrl });
  expect(await client.submitMany([...echoes(2), { type: 'nobody.knows', payload: 1 }], { atomic: true })).toMatchObject(
    {
      accepted: 0,
      rejected: 3,
      items: [
        { index: 0, problem: { code: 'batch_rejected' } },
        { index: 1, problem: { code: 'batch_rejected' } },
        { index: 2, problem: { code: 'unknown_task_type' } },
      ],
    },
  );
  expect((await navette.search()).items).toEqual([]);
  expect(await client.submitMany(echoes(2), { atomic: true })).toMatchObject({ accepted: 2, rejected: 0 });
});

it('stops at a signal', async () => {
  const stop = new AbortController();
  const { baseUrl } = await serveBulk();
  const source = (async function* () {
    yield* echoes(1_500);
    stop.abort(new Error('enough'));
    yield* echoes(1_500);
  })();
  const items = createClient({ baseUrl }).submitStream(source, { signal: stop.signal });
  await expect(collect(items)).rejects.toThrow('enough');
});
