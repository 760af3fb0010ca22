import type { QueueFlow } from '@navette/domain';
import { expect, test } from 'vitest';
import { createPromise, createStage, taskOf } from './stage.ts';

const task = taskOf(() => 'done');
const long = taskOf(() => createPromise<never>().promise, { type: 'test.long', timeoutMs: 3_600_000 });

/** An API that reports, and what may be beside it. */
function createScene() {
  const { system, process } = createStage();
  const api = process([task, long]);
  /** Reports every 10 s for that long, ms; the last one. */
  const watch = async (ms: number): Promise<QueueFlow | undefined> => {
    let last: QueueFlow | undefined;
    for (let passed = 0; passed <= ms; passed += 10_000) {
      [last] = await api.flow();
      await system.advance(10_000);
    }
    return last;
  };
  return { system, api, watch, worker: () => process([task, long]) };
}

test('work that nobody starts is a stall, until it is started', async () => {
  const { system, api, watch, worker } = createScene();
  expect(await watch(60_000)).toEqual({ queue: 'default', waitedMs: 0, consumers: 0, stalled: false });
  await api.submit(task, null);
  expect(await watch(20_000)).toMatchObject({ stalled: false });
  const flow = await watch(0);
  expect(flow).toMatchObject({ queue: 'default', consumers: 0, stalled: true });
  expect(flow?.waitedMs).toBeGreaterThanOrEqual(30_000);
  worker().work();
  await system.advance(1_000);
  expect(await watch(0)).toEqual({ queue: 'default', waitedMs: 0, consumers: 1, stalled: false });
});

test('however long something waits, it is no stall while others are started before it', async () => {
  const { api, watch } = createScene();
  await api.submit(task, null, { priority: 'bulk' });
  for (let n = 0; n < 12; n++) {
    const { id } = await api.submit(task, n);
    expect(await watch(0)).toMatchObject({ stalled: false });
    await api.cancel(id);
  }
  expect((await watch(0))?.waitedMs).toBeGreaterThanOrEqual(120_000);
});

test('a queue whose workers have no room is not stalled', async () => {
  const { api, system, watch, worker } = createScene();
  worker().work({ queues: { default: 1 } });
  await api.submit(long, null);
  await system.advance(1_000);
  await api.submit(task, null);
  const flow = await watch(120_000);
  expect(flow).toMatchObject({ consumers: 1, stalled: false });
  expect(flow?.waitedMs).toBeGreaterThanOrEqual(60_000);
});

test('a paused queue is not stalled', async () => {
  const { api, watch } = createScene();
  await api.pause('default');
  await api.submit(task, null);
  expect(await watch(120_000)).toMatchObject({ waitedMs: 0, stalled: false });
});
