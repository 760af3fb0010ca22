import type { Operation } from '@navette/domain';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PostgresStore } from '../../src/postgres/index.ts';
import { newId, newTask } from '../contracts/store-scene.ts';
import { skipWithoutPostgres } from '../servers.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

describe.skipIf(await skipWithoutPostgres())('operations in PostgreSQL', () => {
  let database: TestDatabase;
  let store: PostgresStore;

  beforeAll(async () => {
    database = await openTestDatabase();
    store = database.createStore({ quickMs: 20_000 });
  });
  afterAll(async () => {
    await store?.close();
    await database?.drop();
  });
  beforeEach(() => database.empty());

  const run = (text: string) => database.pool.query(text.replaceAll('$schema', database.schema));
  const ids = Array.from({ length: 5 }, () => newId());
  const start = async (): Promise<Operation> => {
    await store.records.insert(ids.map((id) => newTask({ id })));
    const given = { id: newId(), action: 'cancel', filter: { queue: 'contract' }, total: 5, perSecond: 100 } as const;
    await store.operations.create(given);
    await run(`update $schema.operations set paced_at = paced_at - interval '1 second'`);
    return (await store.operations.get(given.id)) as Operation;
  };
  /** Has a function called before each row of a table is updated. */
  const withTrigger = async (table: string, body: string, during: () => Promise<void>) => {
    await run(`create function $schema.before() returns trigger language plpgsql as $$ begin ${body} end $$;
      create trigger before before update on $schema.${table} for each row execute function $schema.before()`);
    try {
      await during();
    } finally {
      await run('drop function $schema.before cascade');
    }
  };

  test('count what could not be done, with the reason', async () => {
    const { id } = await start();
    // As if a task had ended, and another been pruned, after they were found.
    const body = `
      if new.id = '${ids[1]}' then return null; end if;
      if new.id = '${ids[2]}' then delete from $schema.tasks where id = new.id; return null; end if;
      return new;`;
    await withTrigger('tasks', body.replaceAll('$schema', database.schema), async () => {
      expect((await store.operations.advance(500))?.moved).toHaveLength(3);
    });
    const failures = { invalid_transition: 1, task_not_found: 1 };
    expect(await store.operations.get(id)).toMatchObject({ state: 'completed', done: 3, failed: 2, failures });
  });

  test('take a step back that cannot be noted', async () => {
    const { id } = await start();
    await withTrigger('operations', `raise exception 'no';`, async () => {
      await expect(store.operations.advance(500)).rejects.toThrow();
    });
    expect(await store.records.count({ states: ['queued'] })).toBe(5);
    expect(await store.operations.get(id)).toMatchObject({ done: 0 });
    expect((await store.operations.advance(500))?.moved).toHaveLength(5);
  });

  test('read no payload and no result of the tasks', async () => {
    await start();
    const query = vi.spyOn(pg.Client.prototype, 'query');
    try {
      expect((await store.operations.advance(500))?.moved).toHaveLength(5);
      const answers = await Promise.all(query.mock.results.map(({ value }): Promise<pg.QueryResult> => value));
      const columns = new Set(answers.flatMap(({ fields }) => fields.map(({ name }) => name)));
      expect(columns).toContain('dispatch');
      expect(columns).not.toContain('payload');
      expect(columns).not.toContain('result');
    } finally {
      query.mockRestore();
    }
  });

  test('give the others their turn after a step that fails', async () => {
    const { id: failing } = await start();
    const other = await store.records.insert([newTask({ queue: 'other' })]);
    const given = { id: newId(), action: 'cancel', filter: { queue: 'other' }, total: 1, perSecond: 100 } as const;
    await store.operations.create(given);
    await run(`update $schema.operations set paced_at = paced_at - interval '1 second'`);
    await withTrigger('tasks', `if new.queue = 'contract' then raise exception 'no'; end if; return new;`, async () => {
      await expect(store.operations.advance(500)).rejects.toThrow();
      expect((await store.operations.advance(500))?.moved).toHaveLength(other.length);
      expect(await store.operations.get(given.id)).toMatchObject({ state: 'completed', done: 1 });
      expect(await store.operations.advance(500)).toBeUndefined();
    });
    await run(`update $schema.operations set paced_at = paced_at - interval '6 seconds'`);
    expect((await store.operations.advance(500))?.moved).toHaveLength(5);
    expect(await store.operations.get(failing)).toMatchObject({ state: 'completed', done: 5, failed: 0 });
  });

  test('are not refused for what is broad for a search, and say when it is too broad to count', async () => {
    const client = await database.pool.connect();
    try {
      await client.query(`begin; lock table ${database.schema}.tasks`);
      await expect(store.records.count({})).rejects.toMatchObject({ code: 'query_too_broad' });
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});
