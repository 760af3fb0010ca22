import type { ClaimedAttempt, Consumption } from '@navette/domain';
import { expect, it, vi } from 'vitest';
import { startQueueConsumer } from './queue-consumer.ts';

/** A consumer of a queue that never ends, whose fetches are answered by hand, and whose handlers never end. */
function consumerOf(concurrency: number) {
  const asked: { limit: number; answer: () => void }[] = [];
  let handled = 0;
  const dequeue = (_claimant: unknown, _queue: string, limit: number) =>
    new Promise<ClaimedAttempt[]>((resolve) => {
      asked.push({ limit, answer: () => resolve(Array.from({ length: limit }, () => ({}) as ClaimedAttempt)) });
    });
  const consumption = {
    worker: 'w',
    queue: 'q',
    concurrency,
    types: [],
    mayClaim: () => true,
    handle: () => {
      handled++;
      return new Promise<void>(() => {});
    },
    onError: (error: unknown) => {
      throw error;
    },
  } as unknown as Consumption;
  const system = { after: () => () => {}, random: () => 0 };
  const consumer = startQueueConsumer({ dequeue, system }, consumption);
  return { consumer, asked, handled: () => handled };
}

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

it('asks for the next before the handlers of a large fetch begin, and never for more than there are slots', async () => {
  const { asked, handled } = consumerOf(1_200);
  await turns(1);
  expect(asked.map(({ limit }) => limit)).toEqual([500]);
  asked[0]?.answer();
  await Promise.resolve();
  while (asked.length < 2) {
    expect(handled()).toBe(0);
    await Promise.resolve();
  }
  await turns(3);
  expect(handled()).toBe(500);
  asked[1]?.answer();
  await turns(3);
  expect(asked.map(({ limit }) => limit)).toEqual([500, 500, 200]);
  asked[2]?.answer();
  await turns(3);
  expect([asked.length, handled()]).toEqual([3, 1_200]);
});

it('stops when what was fetched has begun', async () => {
  const { consumer, asked, handled } = consumerOf(1_000);
  await turns(1);
  asked[0]?.answer();
  while (asked.length < 2) await Promise.resolve();
  const stopped = consumer.stop();
  asked[1]?.answer();
  await stopped;
  expect(handled()).toBe(1_000);
  await turns(3);
  expect(asked).toHaveLength(2);
});

it('asks for half as many after a fetch that failed, and for more again when as many came through', async () => {
  const limits: number[] = [];
  const answers = [false, false, true, true, true];
  const onError = vi.fn();
  let after: (() => void) | undefined;
  const system = {
    after: (delayMs: number, callback: () => void) => {
      if (delayMs < 1_000) after = callback;
      return () => {};
    },
    random: () => 0,
  };
  const dequeue = async (_claimant: unknown, _queue: string, limit: number) => {
    limits.push(limit);
    if (!answers.shift()) throw new Error('not in time');
    return Array.from({ length: limit }, () => ({}) as ClaimedAttempt);
  };
  const consumption = { worker: 'w', queue: 'q', concurrency: 100, types: [], mayClaim: () => true, onError };
  startQueueConsumer({ dequeue, system }, { ...consumption, handle: async () => {} } as unknown as Consumption);
  await turns(2);
  for (const _ of [1, 2]) {
    after?.();
    await turns(2);
  }
  await vi.waitFor(() => expect(limits.length).toBeGreaterThan(5));
  expect(limits.slice(0, 6)).toEqual([100, 50, 25, 50, 100, 100]);
});
