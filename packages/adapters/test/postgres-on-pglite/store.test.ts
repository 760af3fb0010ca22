import { afterAll, beforeAll } from 'vitest';
import { describeStoreContract } from '../contracts/store-contract.ts';
import type { TestDatabase } from '../postgres/database.ts';
import { openEmbeddedDatabase } from './embedded-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openEmbeddedDatabase();
});
afterAll(() => database?.drop());

describeStoreContract('postgres on PGlite', () => database.openStore());
