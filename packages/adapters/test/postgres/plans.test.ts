import { afterAll, beforeAll, describe } from 'vitest';
import { createHotPool } from '../../src/postgres/connections.ts';
import { skipWithoutPostgres } from '../servers.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';
import { describePlans } from './plans.ts';

describe.skipIf(await skipWithoutPostgres())('plans on PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database?.drop());

  describePlans(() => {
    const { pool, schema } = database;
    return { pool, schema, embedded: false, createHotPool: () => createHotPool(pool, 1) };
  });
});
