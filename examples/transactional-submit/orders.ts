import { defineTask, type Navette } from '@navette/adapters';
import type { Generated, Kysely } from 'kysely';
import type pg from 'pg';
import { z } from 'zod';

/** The tables of this shop, in the same database as Navette's. */
export interface Shop {
  orders: { id: Generated<number>; customer: string; shipped: Generated<boolean> };
}

/** What has to follow every order, and must never happen without one. */
export function createShip(db: Kysely<Shop>) {
  return defineTask({
    type: 'order.ship',
    payload: z.object({ orderId: z.int() }),
    handler: async ({ orderId }) => {
      await db.updateTable('orders').set({ shipped: true }).where('id', '=', orderId).executeTakeFirstOrThrow();
    },
  });
}

/** The type of {@link createShip}. */
export type Ship = ReturnType<typeof createShip>;

/** With Kysely: the order and its task are committed together, or neither is. */
export function placeOrder(db: Kysely<Shop>, navette: Navette, ship: Ship, customer: string): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const { id: orderId } = await trx
      .insertInto('orders')
      .values({ customer })
      .returning('id')
      .executeTakeFirstOrThrow();
    await navette.within(trx).submit(ship, { orderId }, { tags: [`customer:${customer}`] });
    return orderId;
  });
}

/** The same with a bare `pg` client, for many orders at once. */
export async function placeOrders(pool: pg.Pool, navette: Navette, ship: Ship, customers: string[]): Promise<number[]> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ id: number }>(
      'insert into orders (customer) select unnest($1::text[]) returning id',
      [customers],
    );
    const submissions = rows.map(({ id }) => ({ type: ship, payload: { orderId: id } }));
    await navette.within(client).submitMany(submissions, { atomic: true });
    await client.query('commit');
    return rows.map(({ id }) => id);
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}
