import { memoryNavette } from '@navette/adapters/memory';
import { loadTaskModule } from '@navette/tasks';
import { expect, it, onTestFinished } from 'vitest';

async function start() {
  const navette = memoryNavette({ tasks: await loadTaskModule('tasks.mjs', import.meta.dirname) });
  onTestFinished(() => navette.close());
  navette.work();
  return navette;
}

it('runs a task of its own type', async () => {
  const navette = await start();
  const { task } = await navette.submitRequest({ type: 'text.count-words', payload: { text: 'to be or not to be' } });
  expect(await navette.wait(task.id)).toMatchObject({ state: 'completed', result: { words: 6 } });
});

it('fails for good where no retry would help', async () => {
  const navette = await start();
  const { task } = await navette.submitRequest({ type: 'text.count-words', payload: { text: '…' } });
  const failed = await navette.wait(task.id);
  expect(failed).toMatchObject({ state: 'failed', error: { code: 'no_words' }, attempts: [{ outcome: 'failed' }] });
});

it('submits tasks from a task', async () => {
  const navette = await start();
  const { task } = await navette.submitRequest({ type: 'text.count-all', payload: { texts: ['one', 'two words'] } });
  const { result, queue, progress } = await navette.wait(task.id);
  expect([queue, progress]).toEqual(['batches', { done: 2, total: 2 }]);
  const { ids } = result as { ids: string[] };
  const counted = await Promise.all(ids.map((id) => navette.wait(id)));
  expect(counted.map((each) => [each.priority, each.result])).toEqual([
    ['low', { words: 1 }],
    ['low', { words: 2 }],
  ]);
});
