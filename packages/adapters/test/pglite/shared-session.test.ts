import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EmbeddedPostgres } from '../../src/pglite/index.ts';
import { openEmbedded } from './embedded.ts';

let db: EmbeddedPostgres;
let pool: pg.Pool;

beforeAll(async () => {
  db = await openEmbedded();
  pool = db.createPool({ max: 5 });
});
afterAll(() => db.close());

const setting = async (from: pg.Pool | pg.PoolClient, name: string) =>
  (await from.query<{ value: string }>('select current_setting($1) as value', [name])).rows[0]?.value;

describe('prepared statements', () => {
  test('two clients may use one name, for the same statement or another', async () => {
    const [one, two, three] = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
    const same = { name: 'statement', text: 'select $1::int as x' };
    for (let round = 0; round < 3; round++) {
      expect((await one.query({ ...same, values: [1] })).rows).toEqual([{ x: 1 }]);
      expect((await two.query({ ...same, values: [2] })).rows).toEqual([{ x: 2 }]);
      const other = { name: 'statement', text: 'select $1::text as y', values: ['three'] };
      expect((await three.query(other)).rows).toEqual([{ y: 'three' }]);
    }
    for (const client of [one, two, three]) client.release();
  });

  test('names as long as they may be stay apart', async () => {
    const long = 'n'.repeat(62);
    const client = await pool.connect();
    expect((await client.query({ name: `${long}a`, text: 'select 1 as x' })).rows).toEqual([{ x: 1 }]);
    expect((await client.query({ name: `${long}b`, text: 'select 2 as x' })).rows).toEqual([{ x: 2 }]);
    client.release();
  });

  test('are closed when their client goes', async () => {
    const count = async () =>
      (
        await pool.query<{ n: number }>(
          "select count(*)::int as n from pg_prepared_statements where statement like '%short-lived%'",
        )
      ).rows[0]?.n;
    const other = db.createPool();
    await other.query({ name: 'short', text: "select 'short-lived', $1::int", values: [1] });
    expect(await count()).toBe(1);
    await other.end();
    expect(await count()).toBe(0);
  });

  test('survive an error, and a statement that fails to parse can be prepared again', async () => {
    const client = await pool.connect();
    const divide = { name: 'divide', text: 'select 10 / $1::int as x' };
    await expect(client.query({ ...divide, values: [0] })).rejects.toMatchObject({ code: '22012' });
    expect((await client.query({ ...divide, values: [5] })).rows).toEqual([{ x: 2 }]);
    await expect(client.query({ name: 'later', text: 'select * from later' })).rejects.toMatchObject({ code: '42P01' });
    await client.query('create table later (x int)');
    expect((await client.query({ name: 'later', text: 'select * from later' })).rows).toEqual([]);
    client.release();
  });

  test('take and give megabytes', async () => {
    const text = 'é'.repeat(1_500_000);
    const { rows } = await pool.query({ name: 'large', text: 'select $1::text as text', values: [text] });
    expect(rows[0]?.text === text).toBe(true);
  });

  test('rows can be fetched in portions', async () => {
    const query = Object.assign({ text: 'select x from generate_series(1, 25) x' }, { rows: 10 });
    expect((await pool.query(query)).rows).toHaveLength(25);
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});

describe('settings of a pool', () => {
  test('are those of its clients only', async () => {
    const hot = db.createPool({ settings: { enable_seqscan: 'off', application_name: "it's a \\ hot pool" } });
    const narrow = db.createPool({ searchPath: 'pg_catalog, public', options: '-c work_mem=1MB --enable-sort=off' });
    for (let round = 0; round < 2; round++) {
      expect(await setting(hot, 'enable_seqscan')).toBe('off');
      expect(await setting(hot, 'application_name')).toBe("it's a \\ hot pool");
      expect(await setting(narrow, 'search_path')).toBe('pg_catalog, public');
      expect(await setting(narrow, 'work_mem')).toBe('1MB');
      expect(await setting(narrow, 'enable_sort')).toBe('off');
      expect(await setting(narrow, 'enable_seqscan')).toBe('on');
      expect(await setting(pool, 'search_path')).toBe('public');
      expect(await setting(pool, 'work_mem')).toBe('4MB');
      expect(await setting(pool, 'application_name')).toBe('');
    }
    await Promise.all([hot.end(), narrow.end()]);
  });

  test('hold inside its transactions while others wait', async () => {
    const other = db.createPool({ settings: { enable_seqscan: 'off' } });
    const client = await pool.connect();
    await client.query('begin');
    const waiting = setting(other, 'enable_seqscan');
    expect(await setting(client, 'enable_seqscan')).toBe('on');
    await client.query('commit');
    client.release();
    expect(await waiting).toBe('off');
    await other.end();
  });

  test('that PostgreSQL refuses fail the connection', async () => {
    const wrong = db.createPool({ settings: { no_such_setting: 'x' } });
    await expect(wrong.query('select 1')).rejects.toMatchObject({ code: '22023', message: /no_such_setting/ });
    await wrong.end();
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  test('a SET of one client does not reach the next', async () => {
    const [one, two] = await Promise.all([pool.connect(), pool.connect()]);
    await one.query("set work_mem = '2MB'");
    expect(await setting(one, 'work_mem')).toBe('2MB');
    expect(await setting(two, 'work_mem')).toBe('4MB');
    await one.query('begin');
    await one.query("set local work_mem = '3MB'");
    expect(await setting(one, 'work_mem')).toBe('3MB');
    await one.query('commit');
    expect(await setting(one, 'work_mem')).toBe('4MB');
    one.release();
    two.release();
  });

  test('RESET ALL brings back those of the pool', async () => {
    const hot = db.createPool({ max: 1, settings: { enable_seqscan: 'off' } });
    await hot.query('reset all');
    expect(await setting(hot, 'enable_seqscan')).toBe('off');
    await hot.end();
  });
});

test('COPY from a client is an error, not the end', async () => {
  await pool.query('create table copied (x int)');
  await expect(pool.query('copy copied from stdin')).rejects.toMatchObject({ code: '57014' });
  await expect(pool.query({ name: 'copy', text: 'COPY copied FROM STDIN' })).rejects.toMatchObject({ code: '57014' });
  const words = 'copy is not a command here, from stdin';
  expect((await pool.query(`select '${words}' as words`)).rows).toEqual([{ words }]);
  expect((await pool.query({ text: `select '${words}' as words`, name: 'words' })).rows).toEqual([{ words }]);
  expect(db.broken).toBeUndefined();
});

test('values arrive as the types that pg gives them', async () => {
  const { rows, command, rowCount } = await pool.query(
    `select 9007199254740993::int8 as big, '\\x00ff'::bytea as bytes, '{"b":[1]}'::jsonb as json,
      timestamptz '2026-01-02 03:04:05Z' as at, array[1,2] as list`,
  );
  expect(rows).toEqual([
    {
      big: '9007199254740993',
      bytes: Buffer.from([0, 255]),
      json: { b: [1] },
      at: new Date('2026-01-02T03:04:05Z'),
      list: [1, 2],
    },
  ]);
  expect({ command, rowCount }).toEqual({ command: 'SELECT', rowCount: 1 });
});

test('the version is that of a PostgreSQL the data folder is marked with', async () => {
  expect(await setting(pool, 'server_version')).toMatch(/^18\./);
});
