import { afterAll, beforeAll, describe } from 'vitest';
import { describeStoreContract } from '../contracts/store-contract.ts';
import { skipWithoutPostgres } from '../servers.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

describe.skipIf(await skipWithoutPostgres())('PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database?.drop());

  describeStoreContract('postgres', () => database.openStore());
});
