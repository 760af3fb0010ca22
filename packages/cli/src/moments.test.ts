import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { ageText, durationText, parseDuration, parseFuture, parsePast } from './moments.ts';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '5', 's', '-1s', '1w', '1s 2s', 'Infinitys'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(InvalidArgumentError);
  });

  it.each([
    [12, '12ms'],
    [1_000, '1s'],
    [1_550, '1.6s'],
    [60_000, '1m'],
    [90_000, '1m 30s'],
    [5_400_000, '1h 30m'],
    [90_000_000, '1d 1h'],
  ])('tells %d ms', (ms, text) => expect(durationText(ms)).toBe(text));
});

describe('moments', () => {
  it('reads ISO 8601', () => {
    expect(parsePast('2026-01-31T12:00:00Z').toISOString()).toBe('2026-01-31T12:00:00.000Z');
  });

  it('reads a time from now, backwards or forwards', () => {
    const now = Date.now();
    expect(parsePast('1h').getTime()).toBeLessThanOrEqual(now - 3_599_000);
    expect(parseFuture('1h').getTime()).toBeGreaterThanOrEqual(now + 3_600_000);
    expect(ageText(parsePast('2h').toISOString())).toBe('2h');
    expect(ageText(null)).toBe('');
  });

  it.each(['yesterday', '2026-13-41', '5'])('refuses %j', (text) => {
    expect(() => parsePast(text)).toThrow(InvalidArgumentError);
  });
});
