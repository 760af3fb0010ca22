import { createNavette, type Navette } from '@navette/adapters';
import { openEmbeddedPostgres } from '@navette/adapters/pglite';
import { openPostgres, pinnedSettings } from '@navette/adapters/postgres';
import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createShip, placeOrder, placeOrders, type Ship, type Shop } from './orders.ts';

// On an embedded PostgreSQL, so that it runs anywhere; with a server, `openPostgres({ connectionString })` is all.
let pool: pg.Pool;
let db: Kysely<Shop>;
let navette: Navette;
let ship: Ship;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const embedded = await openEmbeddedPostgres({ dataDir: undefined });
  closing.push(() => embedded.close());
  pool = embedded.createPool();
  db = new Kysely<Shop>({ dialect: new PostgresDialect({ pool }) });
  await pool.query(`create table orders (
    id serial primary key, customer text not null check (customer <> 'nobody'), shipped boolean not null default false
  )`);
  ship = createShip(db);
  const postgres = openPostgres({ pool: embedded.createPool({ settings: pinnedSettings }), embedded: true });
  await postgres.ready;
  navette = createNavette({ ...postgres, tasks: [ship] });
  closing.push(() => navette.close());
  await navette.work().ready;
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const orders = () => db.selectFrom('orders').select(['customer', 'shipped']).orderBy('id').execute();
const tasks = async () => (await navette.search()).items;

test('an order is shipped once it is committed', async () => {
  await placeOrder(db, navette, ship, 'ada');
  await vi.waitFor(async () => expect(await orders()).toEqual([{ customer: 'ada', shipped: true }]), 10_000);
  expect(await tasks()).toMatchObject([{ type: 'order.ship', tags: ['customer:ada'] }]);
});

test('many orders are shipped once they are committed', async () => {
  await placeOrders(pool, navette, ship, ['bob', 'eve']);
  await vi.waitFor(async () => expect((await orders()).filter(({ shipped }) => shipped)).toHaveLength(3), 10_000);
});

test('what is rolled back leaves neither orders nor tasks', async () => {
  await expect(placeOrders(pool, navette, ship, ['dan', 'nobody'])).rejects.toThrow('orders_customer_check');
  const failed = db.transaction().execute(async (trx) => {
    await trx.insertInto('orders').values({ customer: 'dan' }).execute();
    await navette.within(trx).submit(ship, { orderId: 1 });
    throw new Error('paid nothing');
  });
  await expect(failed).rejects.toThrow('paid nothing');
  expect(await orders()).toHaveLength(3);
  expect(await tasks()).toHaveLength(3);
});

test('a task that is refused takes its order with it', async () => {
  const failed = db.transaction().execute(async (trx) => {
    await trx.insertInto('orders').values({ customer: 'dan' }).execute();
    await navette.within(trx).submit(ship, { orderId: 0.5 });
  });
  await expect(failed).rejects.toMatchObject({ code: 'invalid_payload' });
  expect(await orders()).toHaveLength(3);
});
