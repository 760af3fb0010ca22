import { type ClaimedAttempt, type Consumption, StoreUnavailableError } from '@navette/domain';
import { describe, expect, test } from 'vitest';
import { createManualSystem } from '../../src/memory/index.ts';
import { createPostgresBroker } from '../../src/postgres/broker.ts';
import type { Signals } from '../../src/postgres/signals.ts';

const attempt = (n: number) => ({ taskId: `task ${n}`, attempt: 1 }) as ClaimedAttempt;

/** A broker over a queue made by hand, on a clock that stands still: nothing is found by polling. */
async function createScene(given: Partial<Consumption> = {}) {
  const system = createManualSystem();
  const queue: ClaimedAttempt[] = [];
  const handled: string[] = [];
  const errors: unknown[] = [];
  const ends: (() => void)[] = [];
  const fetches: number[] = [];
  const sent: string[] = [];
  const listeners = { line: (_line: string) => {}, listening: () => {} };
  let answer: () => Promise<void> = async () => {};
  const signals: Signals = {
    send: (line) => void sent.push(line),
    onLine: (listener) => {
      listeners.line = listener;
      return () => {};
    },
    onListening: (listener) => {
      listeners.listening = listener;
      return () => {};
    },
    listening: async () => {},
    close: async () => {},
  };
  const dequeue = async (_claimant: unknown, _queue: string, limit: number) => {
    fetches.push(limit);
    const taken = queue.splice(0, limit);
    await answer();
    return taken;
  };
  const broker = createPostgresBroker({ store: { dequeue, healthy: async () => true }, signals, system });
  const consumer = broker.consume({
    worker: 'w',
    queue: 'q',
    concurrency: 2,
    types: ['t'],
    claim: async () => ({ kind: 'superseded' }),
    mayClaim: () => true,
    handle: ({ taskId }) => {
      handled.push(taskId);
      return new Promise((resolve) => void ends.push(resolve));
    },
    onError: (error) => errors.push(error),
    ...given,
  });
  await system.advance(0);
  return {
    system,
    broker,
    consumer,
    queue,
    handled,
    errors,
    fetches,
    sent,
    listeners,
    endOne: () => ends.shift()?.(),
    answerWith: (next: () => Promise<void>) => {
      answer = next;
    },
  };
}

describe('a consumer of the store as queue', () => {
  test('looks when it begins, and then rests', async () => {
    const { system, fetches } = await createScene();
    await system.advance(500);
    expect(fetches).toEqual([2]);
  });

  test('is woken by a hand-over here, which is told to the others', async () => {
    const { system, broker, queue, handled, sent } = await createScene();
    queue.push(attempt(1));
    await broker.dispatch([{ taskId: 'task 1', dispatch: 1, queue: 'q', priority: 'normal' }]);
    await system.advance(0);
    expect(handled).toEqual(['task 1']);
    expect(sent).toEqual(['queue q']);
  });

  test('is woken by a hand-over elsewhere, of its queue only', async () => {
    const { system, queue, handled, listeners, fetches } = await createScene();
    queue.push(attempt(1));
    listeners.line('queue other');
    await system.advance(0);
    expect(fetches).toHaveLength(1);
    listeners.line('queue q');
    await system.advance(0);
    expect(handled).toEqual(['task 1']);
  });

  test('looks when listening begins again: a wake-up may have been lost', async () => {
    const { system, queue, handled, listeners } = await createScene();
    queue.push(attempt(1));
    listeners.listening();
    await system.advance(0);
    expect(handled).toEqual(['task 1']);
  });

  test('looks by itself within a second', async () => {
    const { system, queue, handled } = await createScene();
    queue.push(attempt(1));
    await system.advance(1_000);
    expect(handled).toEqual(['task 1']);
  });

  test('looks again when it is woken while it looks', async () => {
    const { system, queue, handled, listeners, answerWith } = await createScene();
    let arrive = () => {};
    answerWith(
      () =>
        new Promise<void>((resolve) => {
          arrive = resolve;
        }),
    );
    listeners.line('queue q');
    await system.advance(0);
    queue.push(attempt(1));
    listeners.line('queue q');
    answerWith(async () => {});
    arrive();
    await system.advance(0);
    expect(handled).toEqual(['task 1']);
  });

  test('fills free slots while there may be more, and asks for no more than are free', async () => {
    const { system, queue, handled, listeners, fetches, endOne } = await createScene();
    queue.push(attempt(1), attempt(2), attempt(3));
    listeners.line('queue q');
    await system.advance(0);
    expect(handled).toEqual(['task 1', 'task 2']);
    endOne();
    await system.advance(0);
    expect(handled).toEqual(['task 1', 'task 2', 'task 3']);
    expect(fetches).toEqual([2, 2, 1]);
  });

  test('does not ask an empty queue at the end of each handler', async () => {
    const { system, queue, listeners, fetches, endOne } = await createScene();
    queue.push(attempt(1));
    listeners.line('queue q');
    await system.advance(0);
    endOne();
    await system.advance(0);
    expect(fetches).toEqual([2, 2]);
  });

  test('leaves a store that fails alone for a while, longer each time', async () => {
    const { system, listeners, errors, fetches, answerWith } = await createScene();
    answerWith(async () => {
      throw new StoreUnavailableError('away');
    });
    listeners.line('queue q');
    await system.advance(0);
    listeners.line('queue q');
    await system.advance(99);
    expect(fetches).toHaveLength(2);
    await system.advance(1);
    expect(fetches).toHaveLength(3);
    await system.advance(199);
    expect(fetches).toHaveLength(3);
    await system.advance(1);
    expect(errors).toHaveLength(3);
  });

  test('claims nothing while it may not', async () => {
    let may = false;
    const { system, queue, handled, fetches } = await createScene({ mayClaim: () => may });
    queue.push(attempt(1));
    await system.advance(5_000);
    expect(fetches).toEqual([]);
    may = true;
    await system.advance(1_000);
    expect(handled).toEqual(['task 1']);
  });

  test('looks no more once it has stopped', async () => {
    const { system, consumer, queue, listeners, handled } = await createScene();
    await consumer.stop();
    queue.push(attempt(1));
    listeners.line('queue q');
    await system.advance(5_000);
    expect(handled).toEqual([]);
  });

  test('gives a slot to the next when a handler has ended, with as many again unsettled at most', async () => {
    const started: string[] = [];
    const ran: (() => void)[] = [];
    const settled: (() => void)[] = [];
    const { system, queue, fetches, listeners } = await createScene({
      handle: ({ taskId }, onRan = () => {}) => {
        started.push(taskId);
        ran.push(onRan);
        return new Promise((resolve) => void settled.push(resolve));
      },
    });
    queue.push(...[1, 2, 3, 4, 5].map(attempt));
    listeners.line('queue q');
    await system.advance(0);
    expect(started).toEqual(['task 1', 'task 2']);
    ran[0]?.();
    ran[1]?.();
    await system.advance(0);
    expect(started).toEqual(['task 1', 'task 2', 'task 3', 'task 4']);
    ran[2]?.();
    ran[3]?.();
    await system.advance(0);
    expect(started).toHaveLength(4);
    settled[0]?.();
    await system.advance(0);
    expect(started.slice(4)).toEqual(['task 5']);
    expect(fetches).toEqual([2, 2, 2, 1]);
  });
});
