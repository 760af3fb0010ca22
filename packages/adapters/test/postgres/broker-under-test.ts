import { type ClaimedAttempt, StoreUnavailableError } from '@navette/domain';
import { createPostgresBroker } from '../../src/postgres/broker.ts';
import type { Signals } from '../../src/postgres/signals.ts';
import type { BrokerUnderTest } from '../contracts/broker-under-test.ts';
import type { TestDatabase } from './database.ts';

/** Opens the broker of an emptied store; `breakDequeue` makes its dequeue fail. */
export async function openBrokerUnderTest(database: TestDatabase, signals: Signals): Promise<BrokerUnderTest> {
  const { store, close } = await database.openStore();
  let broken = false;
  const dequeue = async (...args: Parameters<typeof store.dequeue>): Promise<ClaimedAttempt[]> => {
    if (broken) throw new StoreUnavailableError('the store of the test is away');
    return store.dequeue(...args);
  };
  const broker = createPostgresBroker({ store: { ...store, dequeue }, signals });
  return {
    store,
    broker,
    breakDequeue: (value) => {
      broken = value;
    },
    close: async () => {
      await broker.close();
      await signals.close();
      await close();
    },
  };
}
