import type { CommittedTask, InsertOutcome, NewTask } from '@navette/domain';
import { describe, expect } from 'vitest';
import { eventually } from '../eventually.ts';
import { newId, newTask, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

const withKey = (key: string, fingerprint = 'same') => newTask({ idempotency: { scope: 'alice', key, fingerprint } });
const kinds = (outcomes: readonly InsertOutcome[]) => outcomes.map(({ kind }) => kind);

/** New tasks in transactions of others. */
export function describeTransactions(open: OpenStore): void {
  const it = storeCases(open);

  describe('within a transaction', () => {
    it('a task is there once it commits, as any other', async ({ store, begin, get, claim }) => {
      const transaction = await begin();
      const given = newTask({ tags: ['a'], payload: { text: 'é"\\' } });
      const [outcome] = await store.transactions.within(transaction.handle).insert([given]);
      await transaction.commit();
      const task = await get(given.id);
      expect(outcome).toEqual({ kind: 'inserted', task: { ...task, attempts: undefined } });
      expect(task).toMatchObject({ state: 'queued', payload: given.payload, dispatch: 1 });
      expect((await claim(task)).taskId).toBe(given.id);
    });

    it('a task is not there if it is rolled back, and its key is free', async ({ store, begin }) => {
      const transaction = await begin();
      const within = store.transactions.within(transaction.handle);
      expect(kinds(await within.insert([withKey('a'), newTask()]))).toEqual(['inserted', 'inserted']);
      expect(kinds(await within.insertAll([withKey('b'), newTask()]))).toEqual(['inserted', 'inserted']);
      await transaction.rollback();
      expect((await store.records.search({ limit: 10 })).items).toEqual([]);
      expect(kinds(await store.records.insert([withKey('a', 'other'), withKey('b', 'other')]))).toEqual([
        'inserted',
        'inserted',
      ]);
    });

    it('keys mean what they mean outside', async ({ store, begin, insert }) => {
      const before = withKey('used');
      await insert(before);
      const transaction = await begin();
      const within = store.transactions.within(transaction.handle);
      const fresh = withKey('fresh');
      const outcomes = await within.insert([fresh, withKey('used'), withKey('used', 'other')]);
      expect(kinds(outcomes)).toEqual(['inserted', 'replayed', 'keyReused']);
      expect(outcomes[1]).toMatchObject({ task: { id: before.id, submittedAt: expect.any(Date) } });
      expect(await within.insert([withKey('fresh')])).toMatchObject([{ kind: 'replayed', task: { id: fresh.id } }]);
      await transaction.commit();
      expect(kinds(await store.records.insert([withKey('fresh'), withKey('fresh', 'other')]))).toEqual([
        'replayed',
        'keyReused',
      ]);
    });

    it('tasks that are all or nothing leave nothing in it, and it goes on', async ({ store, begin, get }) => {
      const transaction = await begin();
      const within = store.transactions.within(transaction.handle);
      const kept = withKey('a');
      await within.insert([kept]);
      expect(kinds(await within.insertAll([newTask(), withKey('a', 'other'), withKey('b')]))).toEqual([
        'withheld',
        'keyReused',
        'withheld',
      ]);
      expect(kinds(await within.insertAll([newTask(), newTask({ payload: '\u0000' })]))).toEqual([
        'withheld',
        'refused',
      ]);
      await transaction.commit();
      expect((await get(kept.id)).state).toBe('queued');
      expect((await store.records.search({ limit: 10 })).items).toHaveLength(1);
    });

    it('many tasks are queued in their order', async ({ store, begin }) => {
      const transaction = await begin();
      const tasks = Array.from({ length: 1_200 }, () => newTask());
      await store.transactions.within(transaction.handle).insert(tasks);
      await transaction.commit();
      const { dispatches } = await store.ledger.queued(null, 2_000);
      expect(dispatches.map(({ taskId }) => taskId)).toEqual(tasks.map(({ id }) => id));
    });

    it('what commits is told, and what is rolled back is not', async ({ store, begin }) => {
      const told: CommittedTask[] = [];
      const leave = store.transactions.onCommitted((tasks) => void told.push(...tasks));
      const submit = async (tasks: NewTask[], end: 'commit' | 'rollback') => {
        const transaction = await begin();
        await store.transactions.within(transaction.handle).insert(tasks);
        await transaction[end]();
      };
      await submit([newTask()], 'rollback');
      const tasks = [
        newTask({ queue: 'one', priority: 'high' }),
        newTask({ delayMs: 60_000 }),
        ...Array.from({ length: 400 }, () => newTask({ queue: 'q'.repeat(128) })),
      ];
      await submit(tasks, 'commit');
      await eventually(() => expect(told).toHaveLength(402));
      const of = (given: NewTask) => told.find(({ id }) => id === given.id);
      expect(of(tasks[0]!)).toMatchObject({ queue: 'one', priority: 'high', state: 'queued', dispatch: 1 });
      expect(of(tasks[1]!)).toMatchObject({ state: 'scheduled' });
      expect(new Set(told.map(({ id }) => id))).toEqual(new Set(tasks.map(({ id }) => id)));
      leave();
    });

    it('nothing else is taken for one', async ({ store, begin }) => {
      const ended = await begin();
      await ended.commit();
      for (const other of [{}, { query: () => {} }, { id: newId() }, ended.handle]) {
        expect(() => store.transactions.within(other)).toThrow(TypeError);
      }
    });
  });
}
