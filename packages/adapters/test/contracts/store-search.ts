import { InvalidQueryError, type TaskQuery, type TaskStore, taskStates } from '@navette/domain';
import { describe, expect } from 'vitest';
import { newTask, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

/** Finding tasks. */
export function describeSearch(open: OpenStore): void {
  const it = storeCases(open);
  const idsOf = async (store: TaskStore, query: Partial<TaskQuery> = {}) =>
    (await store.records.search({ limit: 100, ...query })).items.map((task) => task.id);

  describe('search', () => {
    it('lists the newest submission first', async ({ store, insert, advance }) => {
      const ids: string[] = [];
      for (let n = 0; n < 4; n++) {
        ids.unshift((await insert()).id);
        await advance(1_000);
      }
      expect(await idsOf(store)).toEqual(ids);
    });

    it('goes through all pages without a gap or a repetition, whatever comes in meanwhile', async ({
      store,
      insert,
    }) => {
      const given = Array.from({ length: 25 }, () => newTask());
      await store.records.insert(given);
      const seen: string[] = [];
      let cursor: string | null | undefined;
      do {
        const page = await store.records.search({ limit: 5, cursor: cursor ?? undefined });
        seen.push(...page.items.map((task) => task.id));
        cursor = page.nextCursor;
        await insert();
      } while (cursor && seen.length < 100);
      expect(seen).toEqual(given.map((task) => task.id).reverse());
    });

    it('says when a page is the last', async ({ store, insert }) => {
      expect(await store.records.search({ limit: 5 })).toEqual({ items: [], nextCursor: null });
      for (let n = 0; n < 5; n++) await insert();
      expect(await store.records.search({ limit: 5 })).toMatchObject({ nextCursor: null });
      expect((await store.records.search({ limit: 4 })).nextCursor).toEqual(expect.any(String));
    });

    it('skips as many as it is told', async ({ store, insert }) => {
      for (let n = 0; n < 5; n++) await insert();
      const all = await idsOf(store);
      expect(await idsOf(store, { offset: 3 })).toEqual(all.slice(3));
      expect(await idsOf(store, { offset: 1, limit: 2 })).toEqual(all.slice(1, 3));
      expect(await idsOf(store, { offset: 9 })).toEqual([]);
    });

    it('filters by state, several of them widening', async ({ store, inState }) => {
      const ids = new Map<string, string>();
      for (const state of taskStates) ids.set(state, await inState(state));
      for (const state of taskStates) expect(await idsOf(store, { states: [state] })).toEqual([ids.get(state)]);
      const two = await idsOf(store, { states: ['failed', 'queued'] });
      expect(new Set(two)).toEqual(new Set([ids.get('failed'), ids.get('queued')]));
    });

    it('filters by type, queue and tag, several filters narrowing', async ({ store, insert }) => {
      const plain = await insert();
      const typed = await insert({ type: 'other.type' });
      const queued = await insert({ queue: 'other', tags: ['red'] });
      const tagged = await insert({ tags: ['red', 'green'] });
      expect(await idsOf(store, { type: 'other.type' })).toEqual([typed.id]);
      expect(await idsOf(store, { queue: 'other' })).toEqual([queued.id]);
      expect(await idsOf(store, { tag: 'red' })).toEqual([tagged.id, queued.id]);
      expect(await idsOf(store, { tag: 'green' })).toEqual([tagged.id]);
      expect(await idsOf(store, { tag: 're' })).toEqual([]);
      expect(await idsOf(store, { tag: 'red', queue: 'contract' })).toEqual([tagged.id]);
      expect(await idsOf(store, { queue: 'contract', type: 'contract.task' })).toEqual([tagged.id, plain.id]);
    });

    it('filters by the code of the error', async ({ store, inState, settled }) => {
      const error = { code: 'out_of_paper', message: 'no paper' };
      const failed = await settled({ outcome: 'failed', error, next: 'failed' });
      await inState('failed');
      await inState('completed');
      expect(await idsOf(store, { errorCode: 'out_of_paper' })).toEqual([failed]);
    });

    it('filters by submission and end, from inclusive, until exclusive', async ({ store, inState, get, advance }) => {
      const early = await inState('completed');
      await advance(60_000);
      const late = await inState('completed');
      const open = await inState('queued');
      const { submittedAt, finishedAt } = await get(late);
      if (!finishedAt) throw new Error('expected an end');
      const soon = new Date(submittedAt.getTime() - 30_000);
      expect(await idsOf(store, { submittedAfter: submittedAt })).toEqual([open, late]);
      expect(await idsOf(store, { submittedBefore: submittedAt })).toEqual([early]);
      expect(await idsOf(store, { submittedAfter: soon, submittedBefore: submittedAt })).toEqual([]);
      expect(await idsOf(store, { finishedAfter: finishedAt })).toEqual([late]);
      expect(await idsOf(store, { finishedBefore: finishedAt })).toEqual([early]);
    });

    it('combines filters and pages', async ({ store }) => {
      const given = Array.from({ length: 12 }, (_, n) => newTask({ queue: n % 2 === 0 ? 'even' : 'odd' }));
      await store.records.insert(given);
      const first = await store.records.search({ queue: 'even', limit: 4 });
      const second = await store.records.search({ queue: 'even', limit: 4, cursor: first.nextCursor ?? undefined });
      const even = given.filter((task) => task.queue === 'even').map((task) => task.id);
      expect([...first.items, ...second.items].map((task) => task.id)).toEqual(even.reverse());
      expect(second.nextCursor).toBeNull();
    });

    it('leaves payload and result out where that is asked for', async ({ store, inState }) => {
      await inState('completed');
      const [whole] = (await store.records.search({ limit: 1 })).items;
      expect(whole).toMatchObject({ payload: { text: 'hello' }, result: { done: true } });
      const [bare] = (await store.records.search({ limit: 1, bare: true })).items;
      expect(bare).toEqual({ ...whole, payload: null, result: null });
    });

    it('finds and counts nothing where it is asked for what cannot be stored', async ({ store, insert }) => {
      await insert();
      for (const filter of [{ tag: '\u0000' }, { type: '\ud800' }, { queue: 'a\u0000' }, { errorCode: '\u0000' }]) {
        expect(await store.records.search({ ...filter, limit: 5 })).toEqual({ items: [], nextCursor: null });
        expect(await store.records.count(filter)).toBe(0);
      }
      expect(await store.records.count({ states: [] })).toBe(0);
    });

    it('refuses a cursor that it did not make', async ({ store, insert }) => {
      await insert();
      const foreign = ['', 'x', '%', '🦊', 'null', btoa('[1,2,3]'), btoa('{}'), 'A'.repeat(5_000)];
      for (const cursor of foreign) {
        const refusal = await store.records.search({ limit: 5, cursor }).catch((error: unknown) => error);
        expect(refusal, cursor).toBeInstanceOf(InvalidQueryError);
        expect(refusal).toMatchObject({ parameter: 'cursor' });
      }
    });
  });
}
