import { type Consumer, createNavette, type TaskBroker } from '@navette/domain';
import { expect, test } from 'vitest';
import { createMemoryBroker, createMemoryEvents } from '../../src/memory/index.ts';
import { createPromise, createStage, taskOf } from './stage.ts';

const task = taskOf(() => 'done');

/** A worker whose consumers can fall silent: they hold on to their queue, and fetch nothing. */
function createScene() {
  const { store, system } = createStage();
  const broker = createMemoryBroker({ store });
  let consumers: Consumer[] = [];
  const watched: TaskBroker = {
    ...broker,
    consume: (consumption) => {
      const consumer = broker.consume(consumption);
      consumers.push(consumer);
      return consumer;
    },
  };
  const own = taskOf(() => createPromise<never>().promise, { type: 'test.long', timeoutMs: 3_600_000 });
  const navette = createNavette({ store, broker: watched, events: createMemoryEvents(), system, tasks: [task, own] });
  const fallSilent = async () => {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    consumers = [];
  };
  return { navette, system, long: own, fallSilent };
}

test('a worker that silently starts nothing of what waits says so, until it goes on', async () => {
  const { navette, system, fallSilent } = createScene();
  const worker = navette.work();
  await system.advance(0);
  await fallSilent();
  await navette.submit(task, null);
  await system.advance(25_000);
  expect(worker.status().stalled).toEqual([]);
  await system.advance(15_000);
  expect(worker.status().stalled).toEqual([{ queue: 'default', waitedMs: expect.any(Number) }]);
  expect(worker.status().stalled[0]?.waitedMs).toBeGreaterThanOrEqual(30_000);

  const other = navette.work();
  await system.advance(10_000);
  expect(worker.status().stalled).toEqual([]);
  expect(other.status()).toMatchObject({ ended: 1, stalled: [] });
});

test('nothing is stalled where the queue is paused, or the worker has no room', async () => {
  const { navette, system, long } = createScene();
  const full = navette.work({ queues: { '*': 1 } });
  await navette.submit(long, null);
  await system.advance(0);
  await navette.submit(task, null);
  await system.advance(120_000);
  expect(full.status()).toMatchObject({ running: 1, stalled: [] });

  const idle = navette.work();
  await navette.pause('default');
  await navette.submit(task, null);
  await system.advance(120_000);
  expect(idle.status().stalled).toEqual([]);
});
