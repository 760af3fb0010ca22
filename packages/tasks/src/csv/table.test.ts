import { expect, it } from 'vitest';
import { Table } from './table.ts';

it('lets go of values where many columns would keep too many, the largest first', () => {
  const table = new Table(1024 * 1024);
  table.add(['large', 'small', 'same']);
  for (let i = 0; i < 40_000; i++) table.add([`${'x'.repeat(150)} ${i % 8_000}`, String(i % 3_000), 'a']);
  const { rows, columns } = table.summary();
  expect(rows).toBe(40_000);
  expect(columns.map(({ approximate }) => approximate)).toEqual([true, false, false]);
  expect(Math.abs(columns[0]!.distinct / 8_000 - 1)).toBeLessThan(0.08);
  expect(columns[1]!.distinct).toBe(3_000);
});
