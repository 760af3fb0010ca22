import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mutants } from './mutants.ts';
import { nothingIsLost, numRuns, seed } from './nothing-is-lost.ts';

describe('the model finds', () => {
  test.each(mutants)('$name', { timeout: 60_000 }, async ({ broker, mutate, foundAs }) => {
    const property = nothingIsLost(broker, { mutate: (store, table) => ({ ...store, ...mutate(store, table) }) });
    const details = await fc.check(property, { seed, numRuns, endOnFailure: true });
    expect(details.failed).toBe(true);
    expect(String(details.errorInstance)).toMatch(foundAs);
  });
});
