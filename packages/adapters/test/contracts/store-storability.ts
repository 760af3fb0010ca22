import type { Json } from '@navette/domain';
import { describe, expect } from 'vitest';
import { newTask, storeCases, textOf } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)]);

/** What no store keeps, by what is wrong with it. */
const unstorable: Readonly<Record<string, Json>> = {
  'U+0000': { text: 'a\u0000b' },
  'U+0000 in a key': { 'a\u0000b': 1 },
  'a lone high surrogate': ['\ud800'],
  'a lone low surrogate': { deep: [{ er: 'x\udc00x' }] },
  'a lone surrogate in a key': { '\ud800': 1 },
  'nesting of 65': nested(65),
  'a number out of range': JSON.parse('{"n":1e400}'),
  'no number': { n: Number.NaN },
};

/** What every store keeps to the letter. */
const storable: Readonly<Record<string, Json>> = {
  null: null,
  false: false,
  'an empty text': '',
  'every kind at once': { a: [null, true, false, 0, -1.5, 'x', [], {}], b: { c: { d: [[]] } } },
  'extreme numbers': [Number.MAX_VALUE, Number.MIN_VALUE, Number.MAX_SAFE_INTEGER, 2 ** 53 + 2, 0.1 + 0.2, 1e21],
  'unusual characters': '\u0001\u001f"\\/\u2028\u2029\ufffe\uffff🦊𝔘 e\u0301 \\u0000 \u007f',
  'the order of keys': { z: 1, a: { y: 2, b: 3 }, m: 4, '': 5 },
  'keys of the prototype': JSON.parse(
    '{"__proto__":{"admin":true},"constructor":1,"toString":null,"hasOwnProperty":2}',
  ),
  'nesting of 64': nested(64),
  'half a megabyte': {
    text: 'ä"\\🦊 '.repeat(43_690),
    list: Array.from({ length: 20_000 }, (_, n) => n),
  },
};

/** What is kept to the letter, and what is refused. */
export function describeStorability(open: OpenStore): void {
  const it = storeCases(open);
  describe('storability', () => {
    for (const [what, payload] of Object.entries(unstorable)) {
      it(`refuses a payload with ${what}, and it alone`, async ({ store, get }) => {
        const bad = newTask({ payload });
        const [before, between, after] = [newTask(), newTask(), newTask()];
        const [together, alone] = await Promise.all([
          store.records.insert([before, bad, between]),
          store.records.insert([after]),
        ]);
        expect(together[1]).toEqual({ kind: 'refused', detail: expect.stringMatching(/\w/) });
        expect([together[0], together[2], alone[0]].map((outcome) => outcome?.kind)).toEqual(Array(3).fill('inserted'));
        expect(await store.records.get(bad.id)).toBeUndefined();
        for (const { id } of [before, between, after]) expect((await get(id)).state).toBe('queued');
      });

      it(`fails an attempt whose result has ${what}, and it alone`, async ({ store, running, get }) => {
        const [bad, fine] = [await running(), await running()];
        const [answer] = await Promise.all([
          store.attempts.settle(bad, { outcome: 'completed', result: payload }),
          store.attempts.settle(fine, { outcome: 'completed', result: 'fine' }),
        ]);
        expect(answer).toMatchObject({ kind: 'settled', state: 'failed' });
        const failed = await get(bad.taskId);
        expect(failed).toMatchObject({ state: 'failed', result: null, error: { code: 'invalid_result' }, spent: 1 });
        expect(failed.attempts).toMatchObject([{ outcome: 'failed', error: { code: 'invalid_result' } }]);
        expect(await get(fine.taskId)).toMatchObject({ state: 'completed', result: 'fine' });
      });
    }

    it('refuses tags that it cannot keep', async ({ store }) => {
      const tasks = [newTask({ tags: ['fine', 'a\u0000'] }), newTask({ tags: ['\ud800'] }), newTask({ tags: ['ä🦊'] })];
      const outcomes = await store.records.insert(tasks);
      expect(outcomes.map((outcome) => outcome.kind)).toEqual(['refused', 'refused', 'inserted']);
    });

    for (const [what, value] of Object.entries(storable)) {
      it(`keeps ${what} to the letter`, async ({ store, insert, claim, get }) => {
        const task = await insert({ payload: value });
        const attempt = await claim(task);
        await store.attempts.settle(attempt, { outcome: 'completed', result: value });
        const { payload, result } = await get(task.id);
        const [found] = (await store.records.search({ limit: 1 })).items;
        const kept = [task.payload, attempt.payload, payload, result, found?.payload, found?.result];
        for (const copy of kept) expect(textOf(copy as Json) === textOf(value)).toBe(true);
      });
    }
  });
}
