import type { NewTask } from '@navette/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createBoundedPool } from '../../src/postgres/bounded-pool.ts';
import { createDequeue } from '../../src/postgres/dequeue.ts';
import type { PostgresStore } from '../../src/postgres/index.ts';
import { newId, newTask } from '../contracts/store-scene.ts';
import { skipWithoutPostgres } from '../servers.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

describe.skipIf(await skipWithoutPostgres())('dequeue', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  const claimant = { worker: newId(), types: ['contract.task'] };

  beforeAll(async () => {
    database = await openTestDatabase();
    store = database.createStore();
  });
  afterAll(async () => {
    await store?.close();
    await database?.drop();
  });
  beforeEach(() => database.empty());

  const submit = async (count: number, given: Partial<NewTask> = {}) => {
    const tasks = Array.from({ length: count }, () => newTask(given));
    await store.records.insert(tasks);
    return tasks.map((task) => task.id);
  };
  const take = async (limit: number) => (await store.dequeue(claimant, 'contract', limit)).map(({ taskId }) => taskId);

  test('goes on where it has come, and on to the next level', async () => {
    const low = await submit(3, { priority: 'low' });
    const normal = await submit(3);
    expect(await take(2)).toEqual(normal.slice(0, 2));
    expect(await take(2)).toEqual([normal[2], low[0]]);
    expect(await take(5)).toEqual(low.slice(1));
    expect(await take(5)).toEqual([]);
  });

  test('gives what it has claimed when its look at the rest fails', async () => {
    const pool = createBoundedPool(database.pool, 5_000);
    let failing = false;
    const run: typeof pool.run = async (statement, values) => {
      const rows = await pool.run(statement, values);
      if (failing) throw new Error('the connection is gone');
      failing = breaking;
      return rows as never;
    };
    let breaking = false;
    const dequeue = createDequeue({ ...pool, run }, database.schema);
    const ids = await submit(3);
    expect(await dequeue(claimant, 'contract', 2)).toMatchObject(ids.slice(0, 2).map((taskId) => ({ taskId })));
    breaking = true;
    expect(await dequeue(claimant, 'contract', 2)).toMatchObject([{ taskId: ids[2] }]);
    await expect(dequeue(claimant, 'contract', 2)).rejects.toThrow('the connection is gone');
  });

  test('sees what comes before what it has passed', async () => {
    const normal = await submit(4);
    expect(await take(2)).toEqual(normal.slice(0, 2));
    const critical = await submit(1, { priority: 'critical' });
    expect(await take(2)).toEqual([critical[0], normal[2]]);
  });

  test('comes back to what somebody held when it passed', async () => {
    const ids = await submit(6);
    const user = await database.pool.connect();
    await user.query('begin');
    await user.query(`select from ${database.schema}.tasks where id = $1 for update`, [ids[0]]);
    expect(await take(2)).toEqual([ids[1], ids[2]]);
    await user.query('rollback');
    user.release();
    expect(await take(2)).toEqual([ids[3], ids[4]]);
    expect(await take(3)).toEqual([ids[5], ids[0]]);
  });

  test('goes on behind what it does not know, where that is a long way', async () => {
    const dequeue = createDequeue(createBoundedPool(database.pool, 5_000), database.schema, { tasks: 3, ms: 0 });
    const takeAll = async () => (await dequeue(claimant, 'contract', 5)).map(({ taskId }) => taskId);
    const first = await submit(1);
    await submit(3, { type: 'contract.other' });
    expect(await takeAll()).toEqual(first);
    // It has seen that it is a long way, and now its end.
    expect(await takeAll()).toEqual([]);
    await submit(3, { type: 'contract.other' });
    const [low] = await submit(1, { priority: 'low' });
    const [normal] = await submit(1);
    expect(await takeAll()).toEqual([normal, low]);
    // What was there all the while is found as well, when it begins at the front again.
    const [held] = await submit(1);
    const user = await database.pool.connect();
    await user.query('begin');
    await user.query(`select from ${database.schema}.tasks where id = $1 for update`, [held]);
    const later = await submit(1);
    expect(await takeAll()).toEqual(later);
    await user.query('rollback');
    user.release();
    await vi.waitFor(async () => expect(await takeAll()).toEqual([held]), { timeout: 5_000 });
  });

  test('gives every task to one of several that ask at once', async () => {
    const ids = await submit(200);
    const taken: string[] = [];
    const ask = async () => {
      const worker = { worker: newId(), types: claimant.types };
      for (;;) {
        const attempts = await store.dequeue(worker, 'contract', 7);
        if (attempts.length === 0) return;
        taken.push(...attempts.map(({ taskId }) => taskId));
      }
    };
    await Promise.all([ask(), ask(), ask()]);
    expect(taken.sort()).toEqual(ids.sort());
  });
});
