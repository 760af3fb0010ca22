import { expect, test } from 'vitest';
import { Registry } from './registry.ts';

test('keeps values by their keys, and gives a place that became free to the next', () => {
  const registry = new Registry<string>();
  registry.add('a', 'first');
  registry.add('b', 'second');
  registry.delete('a');
  registry.delete('never there');
  expect(registry.get('a')).toBeUndefined();
  expect(registry.has('a')).toBe(false);
  registry.add('c', 'third');
  registry.add('d', 'fourth');
  expect(['b', 'c', 'd'].map((key) => registry.get(key))).toEqual(['second', 'third', 'fourth']);
  expect(registry.all().toSorted()).toEqual(['fourth', 'second', 'third']);
});
