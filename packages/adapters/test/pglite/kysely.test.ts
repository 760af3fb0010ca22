import { type Generated, Kysely, PostgresDialect, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EmbeddedPostgres } from '../../src/pglite/index.ts';
import { openEmbedded } from './embedded.ts';

interface Database {
  person: { id: Generated<number>; name: string };
}

let db: EmbeddedPostgres;
let kysely: Kysely<Database>;

beforeAll(async () => {
  db = await openEmbedded({ transactionLimitMs: 50 });
  kysely = new Kysely({ dialect: new PostgresDialect({ pool: db.createPool() }) });
  await sql`create table person (id serial primary key, name text not null)`.execute(kysely);
});
afterAll(async () => {
  await kysely.destroy();
  await db.close();
});

test('counts what it writes', async () => {
  const inserted = await kysely
    .insertInto('person')
    .values([{ name: 'Ada' }, { name: 'Grace' }])
    .returning('id')
    .execute();
  expect(inserted).toHaveLength(2);
  const updated = await kysely.updateTable('person').set({ name: 'Edith' }).where('id', '>', 0).executeTakeFirst();
  expect(updated.numUpdatedRows).toBe(2n);
  const deleted = await kysely.deleteFrom('person').where('name', '=', 'Edith').executeTakeFirst();
  expect(deleted.numDeletedRows).toBe(2n);
});

test('a transaction commits or rolls back as a whole', async () => {
  await kysely.transaction().execute(async (trx) => {
    await trx.insertInto('person').values({ name: 'kept' }).execute();
  });
  const failure = new Error('no');
  const failed = kysely.transaction().execute(async (trx) => {
    await trx.insertInto('person').values({ name: 'lost' }).execute();
    throw failure;
  });
  await expect(failed).rejects.toBe(failure);
  expect(await kysely.selectFrom('person').select('name').execute()).toEqual([{ name: 'kept' }]);
});

test('a transaction past its limit says so, and the pool goes on', async () => {
  const slow = kysely.transaction().execute(async (trx) => {
    await trx.insertInto('person').values({ name: 'slow' }).execute();
    await kysely.selectFrom('person').selectAll().execute(); // waits for its own transaction, until the limit
  });
  await expect(slow).rejects.toMatchObject({ code: '25P04' });
  const names = await kysely.selectFrom('person').select('name').execute();
  expect(names).not.toContainEqual({ name: 'slow' });
});
