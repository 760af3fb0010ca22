import { afterAll, beforeAll } from 'vitest';
import { createSilentSignals } from '../../src/postgres/signals.ts';
import { describeBrokerContract } from '../contracts/broker-contract.ts';
import { openBrokerUnderTest } from '../postgres/broker-under-test.ts';
import type { TestDatabase } from '../postgres/database.ts';
import { openEmbeddedDatabase } from './embedded-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openEmbeddedDatabase();
});
afterAll(() => database?.drop());

describeBrokerContract('postgres on PGlite', () => openBrokerUnderTest(database, createSilentSignals()));
