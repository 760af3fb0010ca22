import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EmbeddedPostgres } from '../../src/pglite/index.ts';
import { Child } from './child-process.ts';
import { openEmbedded } from './embedded.ts';

describe('an open database', () => {
  let db: EmbeddedPostgres;
  let pool: pg.Pool;
  beforeAll(async () => {
    db = await openEmbedded();
    pool = db.createPool();
  });
  afterAll(() => db.close());

  test('frees deleted rows and renews statistics when asked, with others running in between', async () => {
    for (const name of ['one', 'Two']) {
      await pool.query(`create table "${name}" as select x from generate_series(1, 5000) x`);
      await pool.query(`delete from "${name}" where x > 100`);
    }
    const sizes = async () =>
      (await pool.query(`select pg_relation_size('one')::int as one, pg_relation_size('"Two"')::int as two`)).rows[0];
    const before = await sizes();
    const busy = await pool.connect();
    await busy.query('begin'); // vacuum waits for it instead of failing
    const vacuum = db.vacuum();
    await busy.query('commit');
    busy.release();
    await Promise.all([vacuum, pool.query('select 1')]);
    const after = await sizes();
    expect(after?.one).toBeLessThan(before?.one);
    expect(after?.two).toBeLessThan(before?.two);
    const { rows } = await pool.query("select reltuples::int as tuples from pg_class where relname in ('one', 'Two')");
    expect(rows).toEqual([{ tuples: 100 }, { tuples: 100 }]);

    const times = 'select max(last_vacuum) as at from pg_stat_user_tables';
    const { rows: first } = await pool.query(times);
    await db.vacuum();
    expect((await pool.query(times)).rows).toEqual(first); // nothing has changed
  });

  test('keeps its log of changes bounded', async () => {
    await pool.query('create table big (x text)');
    const checkpoint = async () =>
      (await pool.query('select redo_lsn::text as lsn from pg_control_checkpoint()')).rows[0]?.lsn;
    const before = await checkpoint();
    const deadline = performance.now() + 20_000;
    while ((await checkpoint()) === before && performance.now() < deadline) {
      await pool.query(`insert into big select repeat('x', 2000) from generate_series(1, 10000)`);
      await pool.query('truncate big');
    }
    expect(await checkpoint()).not.toBe(before);
  });

  test('can be dumped as the template of another', async () => {
    await pool.query('create table kept as select 42 as x');
    const template = await db.dumpTemplate();
    await pool.query('drop table kept');
    const copy = await openEmbedded({ template });
    expect((await copy.createPool().query('select x from kept')).rows).toEqual([{ x: 42 }]);
    await copy.close();
  });
});

describe('close', () => {
  test('lets queued statements finish, refuses later ones, and may be repeated', async () => {
    const db = await openEmbedded({ lockTimeoutMs: 10_000 });
    const pool = db.createPool({ max: 3, transactionLimitMs: Number.POSITIVE_INFINITY });
    const idle = await pool.connect();
    const open = await pool.connect();
    const queued = [open.query('select 1 as one'), idle.query('select 2 as one')];
    const closing = [db.close(), db.close()];
    expect((await Promise.all(queued)).map(({ rows }) => rows)).toEqual([[{ one: 1 }], [{ one: 2 }]]);
    await Promise.all(closing);
    await expect(idle.query('select 1')).rejects.toThrow();
    idle.release();
    open.release();
    await pool.end();
    await expect(pool.query('select 1')).rejects.toThrow(/after calling end/);
    await expect(db.createPool().query('select 1')).rejects.toMatchObject({ code: '57P01' });
  });

  test('does not wait for ever for a transaction that is left open', async () => {
    const log: string[] = [];
    const db = await openEmbedded({ lockTimeoutMs: 20, log: (line) => log.push(line) });
    const client = await db.createPool({ transactionLimitMs: Number.POSITIVE_INFINITY }).connect();
    await client.query('begin');
    await db.close();
    expect(log).toEqual([expect.stringContaining('closing with a transaction open')]);
    await expect(client.query('commit')).rejects.toThrow();
  });
});

test('a crash fails every query, is announced once, and does not hang', async () => {
  const child = await Child.start('crash', '');
  try {
    const crashed = 'the embedded PostgreSQL has crashed';
    expect(await child.message()).toEqual({
      ends: ['rejected', 'rejected', 'rejected', 'fulfilled'],
      fatal: crashed,
      broken: crashed,
      after: crashed,
    });
  } finally {
    await child.kill();
  }
});
