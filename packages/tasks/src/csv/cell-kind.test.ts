import { describe, expect, it } from 'vitest';
import { isBoolean, isInteger, parseDate, parseNumber } from './cell-kind.ts';
import { CellProfile } from './cell-profile.ts';

describe('a cell', () => {
  it.each([
    ['0', 0],
    ['-12', -12],
    ['+3.50', 3.5],
    ['.5', 0.5],
    ['1.', 1],
    ['1e3', 1000],
    ['-2.5E-1', -0.25],
  ])('%s is a number', (cell, value) => {
    expect(parseNumber(cell)).toBe(value);
  });

  it.each(['', '-', '.', '1,5', '1 000', '0x10', '007', '1e999', 'NaN', 'Infinity', '1_0', '12a', '1'.repeat(400)])(
    '%j is no number',
    (cell) => {
      expect(parseNumber(cell)).toBeUndefined();
    },
  );

  it('is an integer if it is written as one and can be held exactly', () => {
    const integer = (cell: string) => isInteger(cell, Number(cell));
    expect(['1', '-9007199254740991'].map(integer)).toEqual([true, true]);
    expect(['1.0', '1e3', '9007199254740993'].map(integer)).toEqual([false, false, false]);
  });

  it('is a boolean by word', () => {
    expect(['true', 'False', 'YES', 'no', '1', 'y', ''].map(isBoolean)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it.each([
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2024-01-01 10:30', '2024-01-01T10:30:00.000Z'],
    ['2024-01-01T10:30:15.250Z', '2024-01-01T10:30:15.250Z'],
    ['2024-01-01T10:30:00+02:00', '2024-01-01T08:30:00.000Z'],
    ['2024-01-01T10:30:00-0130', '2024-01-01T12:00:00.000Z'],
  ])('%s is a date', (cell, moment) => {
    expect(new Date(parseDate(cell)!).toISOString()).toBe(moment);
  });

  it.each([
    '2023-02-29',
    '2024-13-01',
    '2024-1-1',
    '01/02/2024',
    '20240101',
    '2024-01-01T25:00',
    '2024-01-01T10:30+9',
    '2024',
  ])('%s is no date', (cell) => {
    expect(parseDate(cell)).toBeUndefined();
  });
});

describe('a profile', () => {
  it.each([
    ['empty', []],
    ['integer', ['1', '-2']],
    ['number', ['1', '2.5']],
    ['text', ['1', 'x']],
    ['text', ['1', 'true']],
    ['boolean', ['true', 'no']],
    ['date', ['2024-01-01', '2024-01-01T10:00Z']],
    ['text', ['2024-01-01', '1']],
    ['text', ['007', '12']],
  ])('is of kind %s for %j', (kind, cells) => {
    const profile = new CellProfile();
    for (const cell of cells) profile.add(cell, 1);
    expect(profile.kind).toBe(kind);
  });

  it('orders dates by time', () => {
    const profile = new CellProfile();
    for (const cell of ['2024-01-01T01:00+02:00', '2024-01-01', '2023-12-31T23:30Z']) profile.add(cell, 1);
    expect(profile.range).toEqual({ min: '2024-01-01T01:00+02:00', max: '2024-01-01' });
  });

  it('has no mean where the sum is out of range', () => {
    const profile = new CellProfile();
    profile.add('1e308', 100);
    expect([profile.mean, profile.range.max]).toEqual([null, 1e308]);
  });
});
