import { Kysely, PostgresDialect, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { down, up } from '../../src/postgres/migrations/0005-slim-writes.ts';
import { failure, type Scene, storeCases } from '../contracts/store-scene.ts';
import { skipWithoutPostgres } from '../servers.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

describe.skipIf(await skipWithoutPostgres())('the history of attempts in PostgreSQL', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database?.drop());

  const it = storeCases(() => database.openStore());

  const rowsOf = async (relation: 'attempts' | 'attempt_history') => {
    const { rows } = await database.pool.query(
      `select task_id, number, outcome, worker, started_at, finished_at, error_code, error_message
       from ${database.schema}.${relation} order by task_id, number`,
    );
    return rows;
  };

  /** A task that failed, was retried and completed, was retried and completed again; its id. */
  const longLived = async ({ store, settled, claim, get }: Scene) => {
    const id = await settled({ outcome: 'failed', error: failure, next: 'failed' });
    for (const result of [1, 2]) {
      await store.control.retry(id);
      await store.attempts.settle(await claim(await get(id)), { outcome: 'completed', result });
    }
    return id;
  };

  it('is a view with every attempt that has ended, as the task tells them', async (scene) => {
    const { settled, running, get } = scene;
    await running();
    const ids = [await settled({ outcome: 'completed', result: null }), await longLived(scene)];
    const told = await Promise.all(ids.map(get));
    const expected = told.flatMap(({ id, attempts }) =>
      attempts.map(({ number, outcome, worker, startedAt, finishedAt, error }) => ({
        ...{ task_id: id, number, outcome, worker, started_at: startedAt, finished_at: finishedAt },
        ...{ error_code: error?.code ?? null, error_message: error?.message ?? null },
      })),
    );
    expect(told.map(({ attempts }) => attempts.map(({ outcome }) => outcome))).toEqual([
      ['completed'],
      ['failed', 'completed', 'completed'],
    ]);
    expect(await rowsOf('attempt_history')).toEqual(expected);
  });

  it('takes no row of its own for an attempt that completed its task, until the task goes on', async (scene) => {
    const id = await longLived(scene);
    expect((await rowsOf('attempts')).map(({ number }) => number)).toEqual([1, 2]);
    await scene.store.control.retry(id);
    expect((await rowsOf('attempts')).map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(await rowsOf('attempt_history')).toEqual(await rowsOf('attempts'));
  });

  it('is the same for tasks that ended before it was kept so', async (scene) => {
    const id = await longLived(scene);
    const [before, rows] = [await scene.get(id), await rowsOf('attempt_history')];
    const take = async (step: typeof up) => {
      const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: database.pool }) });
      await db.transaction().execute(async (transaction) => {
        await sql`set local search_path to ${sql.id(database.schema)}`.execute(transaction);
        await step(transaction);
      });
    };
    await take(down);
    expect(await rowsOf('attempts')).toEqual(rows);
    await take(up);
    expect(await rowsOf('attempt_history')).toEqual(rows);
    expect(await scene.get(id)).toEqual(before);
    await scene.store.control.retry(id);
    expect(await rowsOf('attempts')).toEqual(rows);
  });
});
