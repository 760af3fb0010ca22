import { setImmediate as nextLoopTurn } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EmbeddedPostgres } from '../../src/pglite/index.ts';
import { openEmbedded } from './embedded.ts';

let db: EmbeddedPostgres;
let pool: pg.Pool;
const log: string[] = [];

beforeAll(async () => {
  db = await openEmbedded({ lockTimeoutMs: 20_000, transactionLimitMs: 10_000, log: (line) => log.push(line) });
  pool = db.createPool({ max: 20 });
  await pool.query('create table account (id int primary key, balance int not null check (balance >= 0))');
});
beforeEach(async () => {
  log.length = 0;
  await pool.query('truncate account');
  await pool.query('insert into account select id, 100 from generate_series(1, 10) id');
});
afterAll(() => db.close());

const total = async () =>
  Number((await pool.query<{ sum: string }>('select sum(balance) as sum from account')).rows[0]?.sum);

describe('transactions of many clients', () => {
  test('keep every invariant while some fail, some roll back and some are abandoned', async () => {
    const dirtyReads: number[] = [];
    let running = true;
    const reader = (async () => {
      while (running) {
        const sum = await total();
        if (sum !== 1000) dirtyReads.push(sum);
        await nextLoopTurn();
      }
    })();

    let expected = 0;
    let kept = 0;
    const transfer = async (from: number, to: number, turn: number) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await client.query('update account set balance = balance - 1 where id = $1', [from]);
        for (let pause = 0; pause < turn % 4; pause++) await nextLoopTurn();
        if (turn % 5 === 1) return; // abandoned: handed back in the middle
        if (turn % 5 === 2) await client.query('select 1 / 0');
        await client.query('update account set balance = balance + 1 where id = $1', [to]);
        if (turn % 5 === 3) throw new Error('changed my mind');
        await client.query('commit');
        kept++;
      } catch {
        await client.query('rollback');
      } finally {
        client.release();
      }
    };
    const loops = Array.from({ length: 8 }, async (_, loop) => {
      for (let turn = 0; turn < 50; turn++) {
        if (![1, 2, 3].includes(turn % 5)) expected++;
        await transfer(1 + (loop % 10), 1 + ((loop + turn) % 10), turn);
      }
    });
    await Promise.all(loops);
    running = false;
    await reader;

    expect(dirtyReads).toEqual([]);
    expect(kept).toBe(expected);
    expect(await total()).toBe(1000);
    const open = await pool.query(
      "select count(*)::int as n from pg_locks where locktype = 'relation' and relation = 'account'::regclass",
    );
    expect(open.rows).toEqual([{ n: 0 }]);
  });

  test('run one after the other, in order of arrival', async () => {
    const order: number[] = [];
    const holder = await pool.connect();
    await holder.query('begin');
    const others = Array.from({ length: 5 }, async (_, index) => {
      await pool.query('select $1::int', [index]);
      order.push(index);
    });
    await nextLoopTurn();
    expect(order).toEqual([]);
    await holder.query('commit');
    holder.release();
    await Promise.all(others);
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  test('a failed statement keeps the transaction to its client until it rolls back', async () => {
    const client = await pool.connect();
    await client.query('begin');
    await expect(client.query('select nonsense')).rejects.toMatchObject({ code: '42703' });
    let answered = false;
    const other = pool.query('select 1').then(() => {
      answered = true;
    });
    await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' });
    expect(answered).toBe(false);
    await client.query('rollback');
    client.release();
    await other;
  });

  test('savepoints work', async () => {
    const client = await pool.connect();
    await client.query('begin');
    await client.query('update account set balance = 7 where id = 1');
    await client.query('savepoint here');
    await expect(client.query('insert into account values (1, 1)')).rejects.toMatchObject({ code: '23505' });
    await client.query('rollback to savepoint here');
    await client.query('commit');
    client.release();
    expect((await pool.query('select balance from account where id = 1')).rows).toEqual([{ balance: 7 }]);
  });

  test('a client handed back in the middle of a transaction starts afresh', async () => {
    const single = db.createPool({ max: 1 });
    const client = await single.connect();
    await client.query('begin');
    await client.query('delete from account');
    client.release();
    expect(await total()).toBe(1000);
    const { rows } = await single.query('select now() = statement_timestamp() as fresh');
    expect(rows).toEqual([{ fresh: true }]);
    await single.end();
  });

  test('a client that is destroyed in the middle of a transaction leaves nothing', async () => {
    const client = await pool.connect();
    await client.query('begin');
    await client.query('delete from account');
    client.release(true);
    expect(await total()).toBe(1000);
  });

  test('leave the event loop its turns', async () => {
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 1);
    for (let turn = 0; turn < 10_000 && !fired; turn++) await pool.query('select 1');
    expect(fired).toBe(true);
  });
});

describe('limits', () => {
  test('a statement that waits too long fails with 55P03 and the rest goes on', async () => {
    const strict = await openEmbedded({ lockTimeoutMs: 30 });
    const some = strict.createPool({ transactionLimitMs: Number.POSITIVE_INFINITY });
    const holder = await some.connect();
    await holder.query('begin');
    // Awaited inside the transaction that it waits for: would never end.
    await expect(some.query('select 1')).rejects.toMatchObject({ code: '55P03' });
    const cursor = some.query(Object.assign({ text: 'select 1' }, { rows: 1 }));
    await expect(cursor).rejects.toMatchObject({ code: '55P03' });
    await holder.query('commit');
    holder.release();
    expect((await some.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await strict.close();
  });

  test('a transaction that lasts too long is rolled back, and its commit fails', async () => {
    const impatient = db.createPool({ transactionLimitMs: 20, max: 1 });
    const client = await impatient.connect();
    await client.query('begin');
    await client.query('update account set balance = 0');
    expect(await total()).toBe(1000); // waits until the limit has passed
    await expect(client.query('commit')).rejects.toMatchObject({ code: '25P04' });
    await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P04' });
    await client.query('rollback');
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect(log).toEqual(['a transaction was rolled back after 20 ms']);

    await client.query('begin');
    expect(await total()).toBe(1000);
    client.release();
    expect((await impatient.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await impatient.end();
  });
});
