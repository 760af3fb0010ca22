import { InvalidQueryError, type LogLine } from '@navette/domain';
import { describe, expect } from 'vitest';
import { newId, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

/** What an attempt writes while it runs: progress and log lines. */
export function describeNotes(open: OpenStore): void {
  const it = storeCases(open);
  describe('progress and log', () => {
    it('replaces the progress', async ({ store, running, get }) => {
      const attempt = await running();
      expect(await store.attempts.progress(attempt, { done: 1, total: 3 })).toBe(true);
      expect(await store.attempts.progress(attempt, { total: 3, done: 2 })).toBe(true);
      const { progress, version } = await get(attempt.taskId);
      expect(JSON.stringify(progress)).toBe('{"total":3,"done":2}');
      await store.attempts.progress(attempt, 'nearly there');
      expect(await get(attempt.taskId)).toMatchObject({ progress: 'nearly there', state: 'running' });
      expect((await get(attempt.taskId)).version).toBeGreaterThan(version);
    });

    it('keeps the lines in their order, with their attempt', async ({ store, running, claim, get }) => {
      const first = await running();
      await store.attempts.log(first, ['one', 'two']);
      await store.attempts.log(first, ['ä "three"\n🦊']);
      await store.attempts.settle(first, { outcome: 'interrupted' });
      const second = await claim(await get(first.taskId));
      await store.attempts.log(second, ['four']);
      const { items, nextCursor } = await store.attempts.logs(first.taskId, { limit: 10 });
      expect(items.map(({ attempt, message }) => [attempt, message])).toEqual([
        [1, 'one'],
        [1, 'two'],
        [1, 'ä "three"\n🦊'],
        [2, 'four'],
      ]);
      expect(items.map((line) => line.seq)).toEqual([...items.map((line) => line.seq)].sort((a, b) => a - b));
      for (const { at } of items) expect(at).toBeInstanceOf(Date);
      expect(nextCursor).toBeNull();
    });

    it('gives the log page by page', async ({ store, running }) => {
      const attempt = await running();
      const messages = Array.from({ length: 25 }, (_, n) => `line ${n}`);
      await store.attempts.log(attempt, messages);
      const seen: LogLine[] = [];
      let cursor: string | null | undefined;
      do {
        const page = await store.attempts.logs(attempt.taskId, { limit: 10, cursor: cursor ?? undefined });
        expect(page.items.length).toBeLessThanOrEqual(10);
        seen.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor && seen.length < 100);
      expect(seen.map((line) => line.message)).toEqual(messages);
    });

    it('keeps the lines of tasks apart', async ({ store, running }) => {
      const [a, b] = [await running(), await running()];
      await Promise.all([store.attempts.log(a, ['of a']), store.attempts.log(b, ['of b'])]);
      expect((await store.attempts.logs(b.taskId, { limit: 10 })).items).toMatchObject([{ message: 'of b' }]);
      expect(await store.attempts.logs(newId(), { limit: 10 })).toEqual({ items: [], nextCursor: null });
    });

    it('refuses a cursor that it did not make', async ({ store, running }) => {
      const { taskId } = await running();
      for (const cursor of ['', 'x', '-1', btoa('{}')]) {
        const refusal = await store.attempts.logs(taskId, { limit: 5, cursor }).catch((error: unknown) => error);
        expect(refusal, cursor).toBeInstanceOf(InvalidQueryError);
        expect(refusal).toMatchObject({ parameter: 'cursor' });
      }
    });

    it('takes nothing from an attempt that is not the present one', async ({ store, running, claim, get }) => {
      const first = await running();
      await store.attempts.settle(first, { outcome: 'interrupted' });
      const second = await claim(await get(first.taskId));
      const strangers = [
        first,
        { ...second, worker: newId() },
        { ...second, attempt: 3 },
        { ...second, taskId: newId() },
      ];
      for (const stranger of strangers) {
        expect(await store.attempts.progress(stranger, 'wrong')).toBe(false);
        expect(await store.attempts.log(stranger, ['wrong'])).toBe(false);
      }
      await store.attempts.settle(second, { outcome: 'completed', result: null });
      expect(await store.attempts.progress(second, 'wrong')).toBe(false);
      expect(await store.attempts.log(second, ['wrong'])).toBe(false);
      expect((await get(first.taskId)).progress).toBeNull();
      expect((await store.attempts.logs(first.taskId, { limit: 10 })).items).toEqual([]);
    });
  });
}
