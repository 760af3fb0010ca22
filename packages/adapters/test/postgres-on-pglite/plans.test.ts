import { afterAll, beforeAll, describe } from 'vitest';
import { describePlans } from '../postgres/plans.ts';
import { type EmbeddedDatabase, openEmbeddedDatabase } from './embedded-database.ts';

describe('plans on PGlite', () => {
  let database: EmbeddedDatabase;
  beforeAll(async () => {
    database = await openEmbeddedDatabase();
  });
  afterAll(() => database?.drop());

  describePlans(() => {
    const { pool, schema } = database;
    return { pool, schema, embedded: true, createHotPool: () => database.createPool(1) };
  });
});
