import type { InsertOutcome, NewTask } from '@navette/domain';
import { describe, expect } from 'vitest';
import { newTask, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

const withKey = (key: string, given: Partial<NewTask> = {}) =>
  newTask({ idempotency: { scope: 'alice', key, fingerprint: 'same' }, ...given });
const withReusedKey = (key: string) => newTask({ idempotency: { scope: 'alice', key, fingerprint: 'another' } });
const unstorable = () => newTask({ payload: '\u0000' });
const kinds = (outcomes: readonly InsertOutcome[]) => outcomes.map(({ kind }) => kind);

/** Many tasks in one call, each by itself or all or nothing. */
export function describeBulk(open: OpenStore): void {
  const it = storeCases(open);

  describe('many at once', () => {
    it('are all recorded, and queued in their order', async ({ store, worker }) => {
      const tasks = Array.from({ length: 2_500 }, (_, n) => (n % 3 === 0 ? withKey(`key ${2_500 - n}`) : newTask()));
      const outcomes = await store.records.insert(tasks);
      expect(outcomes.map((outcome) => outcome.kind === 'inserted' && outcome.task.id)).toEqual(
        tasks.map(({ id }) => id),
      );
      const claimant = await worker();
      const { dispatches } = await store.ledger.queued(null, 2_500);
      expect(dispatches.map(({ taskId }) => taskId)).toEqual(tasks.map(({ id }) => id));
      expect((await store.attempts.claim(claimant, tasks[2_499]!.id, 1)).kind).toBe('granted');
    });

    it('have an outcome each', async ({ store, insert }) => {
      const before = withKey('used');
      await insert(before);
      const tasks = [
        newTask(),
        unstorable(),
        withKey('used'),
        withReusedKey('used'),
        withKey('fresh'),
        withKey('fresh'),
      ];
      const outcomes = await store.records.insert(tasks);
      expect(kinds(outcomes)).toEqual(['inserted', 'refused', 'replayed', 'keyReused', 'inserted', 'replayed']);
      expect(outcomes[2]).toMatchObject({ task: { id: before.id } });
      expect(outcomes[3]).toEqual({ kind: 'keyReused', taskId: before.id });
      expect(outcomes[5]).toMatchObject({ task: { id: tasks[4]!.id } });
      expect((await store.records.search({ limit: 10 })).items).toHaveLength(3);
    });

    it('may be large', async ({ store, get }) => {
      const tasks = Array.from({ length: 9 }, (_, n) => newTask({ payload: `${n}`.repeat(1_000_000) }));
      expect(kinds(await store.records.insert(tasks))).toEqual(tasks.map(() => 'inserted'));
      expect((await get(tasks[8]!.id)).payload).toBe('8'.repeat(1_000_000));
    });

    it('are recorded once where several calls have the same keys', async ({ store }) => {
      const call = () => store.records.insert(Array.from({ length: 30 }, (_, n) => withKey(`key ${n}`)));
      const outcomes = await Promise.all(Array.from({ length: 5 }, call));
      expect(kinds(outcomes.flat()).filter((kind) => kind === 'inserted')).toHaveLength(30);
      expect(kinds(outcomes.flat()).filter((kind) => kind === 'replayed')).toHaveLength(120);
      expect((await store.records.search({ limit: 100 })).items).toHaveLength(30);
    });
  });

  describe('all or nothing', () => {
    it('records all, and answers in their order', async ({ store, insert }) => {
      const before = withKey('used');
      await insert(before);
      const tasks = [newTask({ delayMs: 60_000 }), withKey('used'), withKey('fresh'), withKey('fresh'), newTask()];
      const outcomes = await store.records.insertAll(tasks);
      expect(kinds(outcomes)).toEqual(['inserted', 'replayed', 'inserted', 'replayed', 'inserted']);
      expect(outcomes[0]).toMatchObject({ task: { id: tasks[0]!.id, state: 'scheduled' } });
      expect(outcomes[1]).toMatchObject({ task: { id: before.id } });
      expect((await store.records.search({ limit: 10 })).items).toHaveLength(4);
      expect(await store.records.insertAll([])).toEqual([]);
    });

    it('records nothing where one cannot be stored, and spends no key', async ({ store }) => {
      const outcomes = await store.records.insertAll([withKey('a'), unstorable(), newTask()]);
      expect(kinds(outcomes)).toEqual(['withheld', 'refused', 'withheld']);
      expect((await store.records.search({ limit: 10 })).items).toEqual([]);
      expect(kinds(await store.records.insert([withReusedKey('a')]))).toEqual(['inserted']);
    });

    it('records nothing where a key stands for another request, and spends no key', async ({ store, insert }) => {
      const before = withKey('used');
      await insert(before);
      const outcomes = await store.records.insertAll([withKey('a'), withReusedKey('used'), withKey('used'), newTask()]);
      expect(kinds(outcomes)).toEqual(['withheld', 'keyReused', 'withheld', 'withheld']);
      expect(outcomes[1]).toEqual({ kind: 'keyReused', taskId: before.id });
      expect((await store.records.search({ limit: 10 })).items).toHaveLength(1);
      expect(kinds(await store.records.insert([withReusedKey('a')]))).toEqual(['inserted']);
    });

    it('records nothing where a key is given twice, for two requests', async ({ store }) => {
      const outcomes = await store.records.insertAll([newTask(), withKey('a'), withReusedKey('a')]);
      expect(kinds(outcomes)).toEqual(['withheld', 'withheld', 'keyReused']);
      expect((await store.records.search({ limit: 10 })).items).toEqual([]);
    });

    it('lets one of ten such calls with the same keys record them', async ({ store }) => {
      const call = (n: number) =>
        store.records.insertAll([
          newTask(),
          ...['a', 'b', 'c'].map((key) => newTask({ idempotency: { scope: '', key, fingerprint: `call ${n}` } })),
        ]);
      const outcomes = await Promise.all(Array.from({ length: 10 }, (_, n) => call(n)));
      expect(outcomes.filter(([first]) => first?.kind === 'inserted')).toHaveLength(1);
      expect(outcomes.filter(([first]) => first?.kind === 'withheld')).toHaveLength(9);
      expect((await store.records.search({ limit: 100 })).items).toHaveLength(4);
    });
  });
}
