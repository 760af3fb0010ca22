import { expect, test, vi } from 'vitest';
import { createStage, taskOf } from './stage.ts';

test('a long comparison of the counts delays no round, is not begun twice, and a stop does not wait for it', async () => {
  const { system, process } = createStage();
  const recount = vi.fn(() => new Promise<void>(() => {}));
  const task = taskOf(() => 'done');
  const navette = process([task], () => ({ tally: async () => 0, recount }));
  const worker = navette.work();
  await system.advance(0);
  const { id } = await navette.submit(task, null, { delayMs: 20_000 });
  await system.advance(20_000);
  expect((await navette.get(id)).state).toBe('completed');
  expect(recount).toHaveBeenCalledOnce();
  await worker.stop();
  expect(worker.status().state).toBe('stopped');
});

test('the counts are compared again when that has ended, also after a failure', async () => {
  const { system, process, logged } = createStage();
  const recount = vi.fn(() => Promise.reject(new Error('away')));
  process([], () => ({ tally: async () => 0, recount })).work({ queues: {} });
  await system.advance(16_500);
  expect(recount).toHaveBeenCalledTimes(3);
  expect(logged.filter((message) => message.includes('chore'))).toHaveLength(1);
});

test('a flow of retries makes few rounds, and what is due soon is late by 50 ms at most', async () => {
  const { system, process, store } = createStage();
  const promoteDue = vi.fn(store.upkeep.promoteDue);
  const task = taskOf(() => system.monotonicMs());
  const navette = process([task], () => ({ upkeep: { ...store.upkeep, promoteDue } }));
  navette.work();
  await system.advance(10);
  promoteDue.mockClear();
  for (let n = 0; n < 1_000; n++) {
    await navette.submit(task, n, { delayMs: 3_600_000 });
    await system.advance(1);
  }
  expect(promoteDue.mock.calls.length).toBeLessThanOrEqual(21);
  const submittedAt = system.monotonicMs();
  const soon = await Promise.all(
    [1, 20, 49, 51, 77, 1_234].map((delayMs) => navette.submit(task, delayMs, { delayMs })),
  );
  await system.advance(2_000);
  for (const { id } of soon) {
    const { payload, result } = await navette.get(id);
    const lateMs = Number(result) - submittedAt - Number(payload);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThanOrEqual(Math.max(0, 50 - Number(payload)));
  }
});

test('a moment that is known to be due is not put off by what is submitted meanwhile', async () => {
  const { system, process } = createStage();
  const task = taskOf(() => system.monotonicMs());
  const navette = process([task]);
  navette.work();
  await system.advance(10);
  const submittedAt = system.monotonicMs();
  const { id } = await navette.submit(task, null, { delayMs: 60 });
  for (let n = 0; n < 100; n++) {
    await system.advance(1);
    await navette.submit(task, n, { delayMs: 3_600_000 });
  }
  expect((await navette.get(id)).result).toBe(submittedAt + 60);
});
