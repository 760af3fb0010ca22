import { defaultRetryPolicy, type NewTask, StoreUnavailableError } from '@navette/domain';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PostgresStore } from '../../src/postgres/index.ts';
import { newId, newTask } from '../contracts/store-scene.ts';
import { eventually } from '../eventually.ts';
import { skipWithoutPostgres } from '../servers.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

const keyed = (key: string, given: Partial<NewTask> = {}): NewTask =>
  newTask({ idempotency: { scope: 'test', key, fingerprint: 'same' }, ...given });

describe.skipIf(await skipWithoutPostgres())('batches in PostgreSQL', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  let user: pg.PoolClient;

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database?.drop());
  beforeEach(async () => {
    await database.empty();
    store = database.createStore();
    user = await database.pool.connect();
    await user.query(`begin; set local search_path to ${database.schema}`);
  });
  afterEach(async () => {
    await user.query('rollback');
    user.release();
    await store.close();
  });

  const inserted = async (...tasks: NewTask[]) => (await store.records.insert(tasks)).map(({ kind }) => kind);
  const running = async () => {
    const [outcome] = await store.records.insert([newTask()]);
    if (outcome?.kind !== 'inserted') throw new Error('expected the task to be inserted');
    const claimant = { worker: newId(), types: ['contract.task'] };
    const answer = await store.attempts.claim(claimant, outcome.task.id, 1);
    if (answer.kind !== 'granted') throw new Error('expected the claim to be granted');
    return answer.attempt;
  };
  /** Takes a key in a transaction that stays open. */
  const takeKey = (key: string) =>
    user.query('insert into idempotency_keys values ($1, $2, $3, $4, now())', ['test', key, newId(), 'other']);

  test('refuse a row that PostgreSQL cannot take, and that row alone', async () => {
    const tasks = Array.from({ length: 30 }, () => newTask());
    const tooLong = newTask({ timeoutMs: 2 ** 40 });
    const tooMany = keyed('a', { retry: { ...defaultRetryPolicy, maxAttempts: 2 ** 20 } });
    const [first, second, ...others] = await inserted(tooLong, tooMany, keyed('b'), ...tasks);
    expect([first, second]).toEqual(['refused', 'refused']);
    expect(others).toEqual(others.map(() => 'inserted'));
  });

  test("let only the submission wait whose key is held by somebody's transaction", async () => {
    await takeKey('held');
    const waiting = store.records.insert([keyed('held')]);
    expect(await inserted(keyed('a'), keyed('b'), newTask())).toEqual(['inserted', 'inserted', 'inserted']);
    await user.query('rollback');
    expect((await waiting)[0]?.kind).toBe('inserted');
  });

  test('see the winner of a key that was committed while they waited for it', async () => {
    const winner = newTask();
    await store.records.insert([winner]);
    await user.query('insert into idempotency_keys values ($1, $2, $3, $4, now())', ['test', 'k', winner.id, 'other']);
    const waiting = store.records.insert([keyed('k')]);
    await user.query('commit');
    expect(await waiting).toEqual([{ kind: 'keyReused', taskId: winner.id }]);
  });

  test('give up a key that stays held, at its deadline', async () => {
    await takeKey('held');
    await expect(store.records.insert([keyed('held')])).rejects.toThrow(StoreUnavailableError);
    await user.query('rollback');
    // Refused means unknown: the last try may have been written after all, once.
    const [again] = await inserted(keyed('held'));
    expect(['inserted', 'replayed']).toContain(again);
    expect(await inserted(keyed('held'))).toEqual(['replayed']);
  });

  test('let only the settlement wait whose task is locked', async () => {
    const [locked, free] = [await running(), await running()];
    await user.query('select from tasks where id = $1 for update', [locked.taskId]);
    const waiting = store.attempts.settle(locked, { outcome: 'completed', result: 1 });
    const settled = await store.attempts.settle(free, { outcome: 'completed', result: 2 });
    expect(settled).toMatchObject({ kind: 'settled', state: 'completed' });
    await user.query('rollback');
    expect(await waiting).toMatchObject({ kind: 'settled', state: 'completed' });
  });

  test('answer a claim of a locked task without waiting', async () => {
    const [outcome] = await store.records.insert([newTask()]);
    const taskId = outcome?.kind === 'inserted' ? outcome.task.id : '';
    await user.query('select from tasks where id = $1 for update', [taskId]);
    const claimant = { worker: newId(), types: ['contract.task'] };
    expect(await store.attempts.claim(claimant, taskId, 1)).toEqual({ kind: 'notYet', delayMs: 100 });
    expect(await store.dequeue(claimant, 'contract', 1)).toEqual([]);
  });

  test('are written again when their session is ended', async () => {
    await store.healthy();
    await user.query('lock table tasks in share mode');
    const waiting = inserted(newTask(), newTask());
    await eventually(async () => {
      const ended = await database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where wait_event_type = 'Lock' and query like $1`,
        [`%insert into ${database.schema}.tasks%`],
      );
      expect(ended.rowCount).toBeGreaterThan(0);
    });
    await user.query('rollback');
    expect(await waiting).toEqual(['inserted', 'inserted']);
  });

  test('go on beside a settlement of one task and a cancel of another', async () => {
    const attempts = await Promise.all(Array.from({ length: 20 }, running));
    const settling = attempts.map((attempt) => store.attempts.settle(attempt, { outcome: 'interrupted' }));
    const cancelling = attempts.map(({ taskId }) => store.control.cancel(taskId));
    await Promise.all([...settling, ...cancelling]);
    for (const { taskId } of attempts) {
      // Cancelled before or after it was handed back: never left open.
      expect((await store.records.get(taskId))?.state).toBe('cancelled');
    }
  });
});
