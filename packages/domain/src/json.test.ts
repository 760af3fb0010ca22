import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, cleanText, findJsonProblem, type Json, maxJsonDepth, toStorableJson } from './json.ts';

const nested = (depth: number): Json => {
  let value: Json = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
};

const isClean = (text: string) =>
  !text.includes('\u0000') && (text as unknown as { isWellFormed(): boolean }).isWellFormed();

describe('findJsonProblem', () => {
  it('accepts all JSON whose texts are clean', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: 'grapheme' }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(isClean(text) && !text.includes('\\u0000') && !/\\ud[89a-f]/i.test(text));
        expect(findJsonProblem(value)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['U+0000 in a text', { a: ['x\u0000'] }, '/a/0'],
    ['U+0000 in a key', { a: { 'k\u0000': 1 } }, '/a'],
    ['a lone surrogate', { 'a/b': { 'c~d': '\ud800' } }, '/a~1b/c~0d'],
    ['NaN', [Number.NaN], '/0'],
    ['Infinity', { n: Number.POSITIVE_INFINITY }, '/n'],
    ['a function', { f: () => 1 }, '/f'],
    ['a bigint', { n: 1n }, '/n'],
    ['an absent field', { n: undefined }, '/n'],
    ['a date', { d: new Date(0) }, '/d'],
    ['a map', new Map(), ''],
  ])('finds %s and says where', (_name, value, pointer) => {
    expect(findJsonProblem(value)).toMatchObject({ pointer });
  });

  it(`accepts ${maxJsonDepth} levels, and finds one more`, () => {
    expect(findJsonProblem(nested(maxJsonDepth))).toBeUndefined();
    expect(findJsonProblem(nested(maxJsonDepth + 1))?.detail).toContain('deeper');
  });

  it('takes 100,000 levels and a cycle without harm', () => {
    expect(findJsonProblem(nested(100_000))?.detail).toContain('deeper');
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    expect(findJsonProblem(cyclic)?.detail).toContain('deeper');
  });

  it('takes a prototype key as any other key', () => {
    expect(findJsonProblem(JSON.parse('{"__proto__":{"a":1},"constructor":2}'))).toBeUndefined();
    expect(findJsonProblem(JSON.parse('{"__proto__":"\\u0000"}'))).toMatchObject({ pointer: '/__proto__' });
  });
});

describe('toStorableJson', () => {
  it('means what JSON.stringify means, for what it can mend', () => {
    class Point {
      x = 1;
      y = undefined;
    }
    expect(toStorableJson(undefined)).toEqual({ value: null });
    expect(toStorableJson({ at: new Date(0), p: new Point(), gone: undefined, u: new URL('http://a.b/') })).toEqual({
      value: { at: '1970-01-01T00:00:00.000Z', p: { x: 1 }, u: 'http://a.b/' },
    });
  });

  it.each([
    ['a bigint', 1n],
    ['NaN', { n: Number.NaN }],
    [
      'Infinity inside an instance',
      new (class {
        n = Number.POSITIVE_INFINITY;
      })(),
    ],
    ['U+0000', 'a\u0000'],
    [
      'a throwing toJSON',
      {
        toJSON: () => {
          throw new Error('no');
        },
      },
    ],
    ['too deep', nested(65)],
    ['a symbol in a list', [Symbol('s'), 1n]],
  ])('refuses %s', (_name, value) => {
    expect(toStorableJson(value)).toHaveProperty('problem.detail');
  });

  it('gives only what findJsonProblem accepts, whatever comes in', () => {
    fc.assert(
      fc.property(
        fc.anything({ withDate: true, withBigInt: true, withMap: true, withNullPrototype: true }),
        (value) => {
          const storable = toStorableJson(value);
          if ('value' in storable) expect(findJsonProblem(storable.value)).toBeUndefined();
          else expect(storable.problem.detail).not.toBe('');
        },
      ),
    );
  });
});

describe('cleanText', () => {
  it('gives a text that can be stored, within the limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (text, limit) => {
        const cleaned = cleanText(`${text}\u0000\ud800`, limit);
        expect(isClean(cleaned)).toBe(true);
        expect(cleaned.length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('leaves a clean short text alone', () => {
    expect(cleanText('grüße 👋')).toBe('grüße 👋');
  });
});

describe('canonicalJson', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, child]) => [key, shuffled(child)]),
    );
  };

  it('is equal exactly for values equal as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as Json;
        expect(canonicalJson(plain(a))).toBe(canonicalJson(plain(shuffled(a))));
        expect(JSON.parse(canonicalJson(plain(a)))).toEqual(plain(a));
        const same = canonicalJson(plain(a)) === canonicalJson(plain(b));
        if (same) expect(plain(a)).toEqual(plain(b));
      }),
    );
  });
});
