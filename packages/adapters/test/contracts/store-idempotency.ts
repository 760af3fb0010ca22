import type { IdempotencyClaim, InsertOutcome, TaskStore } from '@navette/domain';
import { describe, expect } from 'vitest';
import { newTask, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

/** Submitting the same twice. */
export function describeIdempotency(open: OpenStore): void {
  const it = storeCases(open);
  const keyed = (store: TaskStore, idempotency: IdempotencyClaim) => store.records.insert([newTask({ idempotency })]);
  const key = (fingerprint = 'same', name = 'key', scope = 'alice') => ({ scope, key: name, fingerprint });
  const kinds = (outcomes: readonly InsertOutcome[]) => outcomes.map((outcome) => outcome.kind);

  describe('idempotency', () => {
    it('gives the task of the first request, as it is now', async ({ store, claim, get }) => {
      const [first] = await keyed(store, key());
      if (first?.kind !== 'inserted') throw new Error('expected it to be inserted');
      await claim(first.task);
      const [again] = await keyed(store, key());
      expect(again).toMatchObject({ kind: 'replayed', task: { id: first.task.id, state: 'running' } });
      expect((await get(first.task.id)).attempts).toHaveLength(1);
    });

    it('refuses the key for another request, and names the task it stands for', async ({ store }) => {
      const [first] = await keyed(store, key());
      const [other] = await keyed(store, key('other'));
      expect(first).toMatchObject({ kind: 'inserted' });
      expect(other).toEqual({ kind: 'keyReused', taskId: first?.kind === 'inserted' && first.task.id });
    });

    it('keeps scopes and keys apart', async ({ store }) => {
      const claims = [key(), key('same', 'key', 'bob'), key('same', 'key', ''), key('same', 'other')];
      const outcomes = await Promise.all(claims.map((claim) => keyed(store, claim)));
      expect(kinds(outcomes.flat())).toEqual(['inserted', 'inserted', 'inserted', 'inserted']);
    });

    it('takes one key several times in one call', async ({ store }) => {
      const tasks = [key(), key(), key('other')].map((idempotency) => newTask({ idempotency }));
      const outcomes = await store.records.insert([newTask(), ...tasks, newTask()]);
      expect(kinds(outcomes)).toEqual(['inserted', 'inserted', 'replayed', 'keyReused', 'inserted']);
      expect((await store.records.search({ limit: 100 })).items).toHaveLength(3);
    });

    it('records one task for twenty requests at once', async ({ store }) => {
      const outcomes = (await Promise.all(Array.from({ length: 20 }, () => keyed(store, key())))).flat();
      const ids = outcomes.map((outcome) => ('task' in outcome ? outcome.task.id : outcome.kind));
      expect(new Set(ids).size).toBe(1);
      expect(kinds(outcomes).filter((kind) => kind === 'inserted')).toHaveLength(1);
      expect(kinds(outcomes).filter((kind) => kind === 'replayed')).toHaveLength(19);
      expect((await store.records.search({ limit: 100 })).items).toHaveLength(1);
    });

    it('grants a contested key to one of twenty different requests', async ({ store }) => {
      const outcomes = (
        await Promise.all(Array.from({ length: 20 }, (_, n) => keyed(store, key(`request ${n}`))))
      ).flat();
      const winner = outcomes.find((outcome) => outcome.kind === 'inserted');
      const losers = outcomes.filter((outcome) => outcome !== winner);
      const answer = { kind: 'keyReused', taskId: winner?.kind === 'inserted' ? winner.task.id : 'none' };
      expect(losers).toEqual(Array.from({ length: 19 }, () => answer));
    });

    it('does not spend the key of a task that it refuses', async ({ store }) => {
      const [refused] = await store.records.insert([newTask({ idempotency: key(), payload: '\u0000' })]);
      expect(refused).toMatchObject({ kind: 'refused' });
      expect(kinds(await keyed(store, key()))).toEqual(['inserted']);
    });
  });
}
