import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrateDown, migrateToLatest } from '../../src/postgres/migrate.ts';
import { migrations } from '../../src/postgres/migrations/index.ts';
import { databaseUrl, freshName, skipWithoutPostgres } from '../servers.ts';

describe.skipIf(await skipWithoutPostgres())('migrations', () => {
  let pool: pg.Pool;
  let schema: string;

  beforeAll(() => {
    pool = new pg.Pool({ connectionString: databaseUrl, max: 6 });
  });
  afterAll(() => pool?.end());
  beforeEach(() => {
    schema = freshName();
  });
  afterEach(async () => {
    await pool.query(`drop schema if exists ${schema} cascade`);
  });

  /** Columns, indexes and settings of everything in the schema, as text. */
  const describeSchema = async () => {
    const { rows } = await pool.query<{ what: string }>(
      `select concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) as what
       from information_schema.columns where table_schema = $1
       union all select indexdef from pg_indexes where schemaname = $1
       union all select concat_ws(' ', relname, relkind::text, reloptions::text) from pg_class
       where relnamespace = $1::regnamespace
       order by 1`,
      [schema],
    );
    return rows.map((row) => row.what).filter((what) => !what.includes('migrations'));
  };

  test('go up, down and up again, to the same schema', async () => {
    await migrateToLatest(pool, schema);
    const up = await describeSchema();
    expect(up.some((line) => line.startsWith('tasks payload json'))).toBe(true);
    await migrateDown(pool, schema);
    expect(await describeSchema()).toEqual([]);
    await migrateToLatest(pool, schema);
    expect(await describeSchema()).toEqual(up);
  });

  test('may be run by many at once, and again', async () => {
    await Promise.all(Array.from({ length: 3 }, () => migrateToLatest(pool, schema)));
    await migrateToLatest(pool, schema);
    const { rows } = await pool.query(`select name from ${schema}.migrations`);
    expect(rows.map((row) => row.name)).toEqual(Object.keys(migrations));
  });

  test('leave nothing behind of a step that fails', async () => {
    await migrateToLatest(pool, schema);
    const before = await describeSchema();
    const failing = {
      ...migrations,
      '9999-fails': {
        up: async () => {
          throw new Error('a step of the test');
        },
        down: async () => {},
      },
    };
    await expect(migrateToLatest(pool, schema, failing)).rejects.toThrow('a step of the test');
    expect(await describeSchema()).toEqual(before);
    await migrateToLatest(pool, schema);
  });

  test('refuse a schema that is newer, and a name that would need quotes', async () => {
    await migrateToLatest(pool, schema);
    await expect(migrateToLatest(pool, schema, {})).rejects.toMatchObject({ code: 'schema_newer' });
    await expect(migrateToLatest(pool, 'no"name')).rejects.toThrow(RangeError);
  });
});
