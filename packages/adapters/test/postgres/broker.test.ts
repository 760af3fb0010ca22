import { afterAll, beforeAll, describe } from 'vitest';
import { createSignalClient } from '../../src/postgres/connections.ts';
import { createSignals } from '../../src/postgres/signals.ts';
import { describeBrokerContract } from '../contracts/broker-contract.ts';
import { skipWithoutPostgres } from '../servers.ts';
import { openBrokerUnderTest } from './broker-under-test.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

describe.skipIf(await skipWithoutPostgres())('PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database?.drop());

  describeBrokerContract('postgres', () => {
    const { pool, schema: channel } = database;
    return openBrokerUnderTest(database, createSignals({ createClient: () => createSignalClient(pool), channel }));
  });
});
