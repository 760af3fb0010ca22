import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Column, maxExactValues } from './column.ts';
import { CompensatedSum } from './compensated-sum.ts';
import { DistinctSketch } from './distinct-sketch.ts';
import { FrequentValues } from './frequent-values.ts';
import { QuantileSketch, weightedMedian } from './median.ts';

/** Numbers from 0 to n − 1 in an order that jumps about; n must not be a multiple of 7,919. */
const shuffled = (n: number) => Array.from({ length: n }, (_, i) => (i * 7_919) % n);

describe('the estimate of distinct values', () => {
  it.each([0, 1, 2_047])('is exact for %i', (n) => {
    const sketch = new DistinctSketch();
    for (let round = 0; round < 5; round++) for (let i = 0; i < n; i++) sketch.add(`value ${i}`);
    expect(sketch.estimate()).toBe(n);
  });

  it.each([5_000, 50_000, 300_000])('is within a few percent of %i', (n) => {
    const sketch = new DistinctSketch();
    for (let i = 0; i < n; i++) sketch.add(String(i));
    expect(Math.abs(sketch.estimate() / n - 1)).toBeLessThan(0.08);
    const before = sketch.estimate();
    for (let i = 0; i < n; i++) sketch.add(String(i));
    expect(sketch.estimate()).toBe(before);
  });
});

describe('the median', () => {
  it('is that of the numbers written out', () => {
    const number = fc.integer({ min: -50, max: 50 });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, fc.integer({ min: 1, max: 6 })), { minLength: 1 }), (pairs) => {
        const all = pairs
          .flatMap(([value, weight]) => Array.from({ length: weight }, () => value))
          .sort((a, b) => a - b);
        const middle = (all[(all.length - 1) >> 1]! + all[all.length >> 1]!) / 2;
        expect(weightedMedian(pairs)).toBe(middle);
      }),
    );
    expect(weightedMedian([])).toBeNull();
    expect(
      weightedMedian([
        [2 ** 1023, 1],
        [1.5 * 2 ** 1023, 1],
      ]),
    ).toBe(1.25 * 2 ** 1023);
  });

  it.each([
    ['in no order', shuffled(200_000)],
    ['rising', Array.from({ length: 200_000 }, (_, i) => i)],
    ['falling', Array.from({ length: 200_000 }, (_, i) => 200_000 - i)],
  ])('is estimated within a hundredth of the ranks of numbers %s', (_name, numbers) => {
    const sketch = new QuantileSketch();
    for (const number of numbers) sketch.add(number);
    expect(Math.abs(weightedMedian(sketch.numbers())! - 100_000)).toBeLessThan(2_000);
    expect(sketch.numbers().length).toBeLessThan(512 * 12);
  });

  it('counts a weight as that many numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ noNaN: true }), fc.integer({ min: 1, max: 1e9 }))), (pairs) => {
        const sketch = new QuantileSketch();
        for (const [value, weight] of pairs) sketch.add(value, weight);
        const weigh = (numbers: readonly (readonly [number, number])[]) =>
          numbers.reduce((sum, [, weight]) => sum + weight, 0);
        expect(weigh(sketch.numbers())).toBe(weigh(pairs));
      }),
    );
  });
});

describe('the most frequent values', () => {
  it('are never counted too high, nor too low by more than it says', () => {
    const values = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 400 });
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 12 }), (stream, capacity) => {
        const frequent = new FrequentValues();
        const counts = new Map<string, number>();
        for (const value of stream.map(String)) {
          frequent.add(value);
          counts.set(value, (counts.get(value) ?? 0) + 1);
          if (frequent.size > capacity) frequent.shrink();
        }
        const held = new Map(frequent.entries());
        for (const [value, count] of counts) {
          const counted = held.get(value) ?? 0;
          expect(counted).toBeLessThanOrEqual(count);
          expect(counted + frequent.maxError).toBeGreaterThanOrEqual(count);
        }
        expect(held.size).toBeLessThanOrEqual(capacity);
      }),
    );
  });

  it('stand out of a stream of values that never come again', () => {
    const frequent = new FrequentValues();
    for (let i = 0; i < 100_000; i++) {
      frequent.add(i % 10 === 0 ? 'often' : `once ${i}`);
      if (frequent.size > 1_000) frequent.shrink();
    }
    const [first, ...others] = frequent.top(5);
    expect(first?.value).toBe('often');
    expect(first!.count + frequent.maxError).toBeGreaterThanOrEqual(10_000);
    expect(others).toEqual([]);
  });
});

describe('a column', () => {
  const filled = (cells: Iterable<string>) => {
    const column = new Column('n');
    for (const cell of cells) column.add(cell);
    return column;
  };

  it('is exact up to ten thousand distinct values', () => {
    const numbers = [...shuffled(maxExactValues), ...shuffled(maxExactValues), 7];
    expect(filled(numbers.map(String)).summary()).toMatchObject({
      approximate: false,
      distinct: maxExactValues,
      median: 4_999,
      mostFrequent: [{ value: '7', count: 3 }, { count: 2 }, { count: 2 }, { count: 2 }, { count: 2 }],
    });
  });

  it('is approximate beyond, and still exact where it can be', () => {
    const n = 100_000;
    const numbers = shuffled(n).flatMap((value, i) => (i % 4 === 0 ? [value, 123] : [value]));
    const summary = filled(numbers.map(String)).summary();
    const sum = (n * (n - 1)) / 2 + (123 * n) / 4;
    expect(summary).toMatchObject({ approximate: true, kind: 'integer', count: 1.25 * n, min: 0, max: n - 1 });
    expect(summary.mean).toBe(sum / (1.25 * n));
    expect(Math.abs(summary.distinct / n - 1)).toBeLessThan(0.08);
    // A quarter of n numbers lie low, so the median of all is at rank 62,500, which is the number 37,500.
    expect(Math.abs(summary.median! - 37_500)).toBeLessThan(2_000);
    expect(summary.mostFrequent.map(({ value }) => value)).toEqual(['123']);
    expect(summary.mostFrequent[0]!.count).toBeLessThanOrEqual(n / 4 + 1);
    expect(summary.mostFrequent[0]!.count).toBeGreaterThan(n / 4 - 100);
  });

  it('is a text as soon as one cell is, however late', () => {
    const cells = [...shuffled(maxExactValues + 500).map(String), 'n/a'];
    expect(filled(cells).summary()).toMatchObject({
      kind: 'text',
      mean: null,
      median: null,
      approximate: true,
      max: 'n/a',
    });
  });
});

describe('a sum', () => {
  it('does not gather rounding errors', () => {
    const sum = new CompensatedSum();
    for (let i = 0; i < 1_000; i++) sum.add(0.1);
    expect(sum.total).toBe(100);
  });
});
