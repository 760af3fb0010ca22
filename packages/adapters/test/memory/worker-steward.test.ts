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
  await system.advance(11_500);
  expect(recount).toHaveBeenCalledTimes(3);
  expect(logged.filter((message) => message.includes('chore'))).toHaveLength(1);
});
