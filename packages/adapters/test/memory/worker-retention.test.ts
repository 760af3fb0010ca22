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
