import { expect, test } from 'vitest';
import { RecentKeys } from './recent-keys.ts';

test('remembers the last ones, and not for ever', () => {
  const recent = new RecentKeys(3);
  for (let key = 1; key <= 10; key++) {
    recent.add(`${key}`);
    for (let last = Math.max(1, key - 2); last <= key; last++) expect(recent.has(`${last}`)).toBe(true);
  }
  expect(recent.has('1')).toBe(false);
  expect(recent.has('4')).toBe(false);
});
