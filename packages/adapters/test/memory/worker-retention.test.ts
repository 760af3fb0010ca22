import { expect, test } from 'vitest';
import { createStage, taskOf } from './stage.ts';

const hourMs = 3_600_000;

test('finished tasks are deleted when their time is over, however many they are', async () => {
  const { system, store, process } = createStage();
  const task = taskOf(() => 'done');
  const navette = process([task]);
  const submitting = Array.from({ length: 5_000 }, (_, n) => navette.submit(task, n));
  const [first] = await Promise.all(submitting);
  for (const { id } of await Promise.all(submitting)) await store.control.cancel(id);
  const kept = await navette.submit(task, null, { delayMs: 2 * hourMs });
  navette.work({ queues: {}, retentionMs: hourMs });
  await system.advance(hourMs - 60_000);
  expect(await store.records.get(first?.id ?? '')).toBeDefined();
  await system.advance(125_000);
  expect((await navette.queues())[0]?.counts).toMatchObject({ cancelled: 0 });
  expect((await navette.get(kept.id)).state).toBe('scheduled');
});

test('what has ended is counted every 5 s, and at once while there is more', async () => {
  const { system, process } = createStage();
  const counts = [...Array<number>(6).fill(20_000), 7];
  const askedAt: number[] = [];
  const tally = async () => {
    askedAt.push(system.monotonicMs());
    return counts.shift() ?? 0;
  };
  const worker = process([], () => ({ tally })).work({ queues: {} });
  await worker.ready;
  const startedAt = system.monotonicMs();
  await system.advance(11_500);
  const after = askedAt.map((at) => Math.floor((at - startedAt) / 1_000));
  expect(after).toEqual([5, 5, 5, 5, 5, 6, 6, 11]);
});
