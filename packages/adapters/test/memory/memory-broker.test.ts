import { type ClaimedAttempt, type Dispatch, StoreUnavailableError } from '@navette/domain';
import { describe, expect, test } from 'vitest';
import { createManualSystem, createMemoryBroker, createMemoryStore } from '../../src/memory/index.ts';
import { createSystem } from '../../src/system/index.ts';
import { describeBrokerContract } from '../contracts/broker-contract.ts';

describeBrokerContract('memory', async () => {
  const store = createMemoryStore({ system: createSystem() });
  let broken = false;
  const dequeue: typeof store.dequeue = async (...args) => {
    if (broken) throw new StoreUnavailableError('the store of the test is away');
    return store.dequeue(...args);
  };
  return {
    store,
    broker: createMemoryBroker({ store: { ...store, dequeue } }),
    breakDequeue: (value) => {
      broken = value;
    },
    close: store.close,
  };
});

describe('the memory broker', () => {
  /** A dequeue that the test answers itself, and a consumer on it. */
  const setUp = () => {
    const system = createManualSystem();
    const asked: ((attempts: ClaimedAttempt[]) => void)[] = [];
    const dequeue = () => new Promise<ClaimedAttempt[]>((resolve) => asked.push(resolve));
    const broker = createMemoryBroker({ store: { system, dequeue } });
    const handled: ClaimedAttempt[] = [];
    const consumer = broker.consume({
      ...{ worker: 'w', queue: 'q', concurrency: 2, types: ['t'] },
      claim: async () => ({ kind: 'superseded' }),
      mayClaim: () => true,
      handle: async (attempt) => void handled.push(attempt),
      onError: () => {},
    });
    return { system, broker, consumer, asked, handled };
  };
  const attempt = { taskId: 'a', queue: 'q', attempt: 1 } as ClaimedAttempt;
  const handOver: Dispatch = { taskId: 'b', dispatch: 1, queue: 'q', priority: 'normal' };

  test('delivers what it is fetching before it has stopped', async () => {
    const { system, consumer, asked, handled } = setUp();
    let stopped = false;
    const stopping = consumer.stop().then(() => {
      stopped = true;
    });
    await system.advance(0);
    expect(stopped).toBe(false);
    asked[0]?.([attempt]);
    await stopping;
    expect(handled).toEqual([attempt]);
    await system.advance(10_000);
    expect(asked).toHaveLength(1);
  });

  test('repeats a fetch during which it is woken', async () => {
    const { system, broker, asked } = setUp();
    await broker.dispatch([handOver, { ...handOver, queue: 'other' }]);
    expect(asked).toHaveLength(1);
    asked[0]?.([]);
    await system.advance(0);
    expect(asked).toHaveLength(2);
    asked[1]?.([]);
    await system.advance(0);
    expect(asked).toHaveLength(2);
  });

  test('looks by itself once a second', async () => {
    const { system, asked } = setUp();
    asked[0]?.([]);
    await system.advance(999);
    expect(asked).toHaveLength(1);
    await system.advance(1);
    expect(asked).toHaveLength(2);
  });
});
