import { InvalidQueryError } from '@navette/domain';
import { expect, test } from 'vitest';
import type { BoundedPool } from './bounded-pool.ts';
import { createFeedPosition, readPosition, writePosition } from './feed-position.ts';

/** What a database answers: how far the sequence has come, since when others are at work, and the time. */
type Moment = readonly [readySeq: number, sinceMs: number, atMs: number];

/** The sequence's place of the positions that are read at these moments. */
async function placesAt(...moments: readonly Moment[]): Promise<number[]> {
  const answers = moments.flatMap(([ready_seq, since_ms, at_ms]) => [
    [{ ready_seq, since_ms, at_ms }],
    [{ xid: 700, at_ms }],
  ]);
  const pool = { runTwice: async () => answers.shift() } as unknown as BoundedPool;
  const position = createFeedPosition(pool, 'test');
  const places: number[] = [];
  for (const _ of moments) places.push((await position()).readySeq);
  return places;
}

test('takes the sequence as it was before anyone now at work began', async () => {
  expect(await placesAt([10, 0, 1_000], [20, 2_500, 3_000], [30, 2_900, 5_000], [40, 6_000, 7_000])).toEqual([
    0, 10, 10, 30,
  ]);
});

test('takes it for unknown where somebody began before all that is known', async () => {
  expect(await placesAt([10, 0, 1_000], [20, 2_000, 3_000], [30, 500, 5_000], [40, 3_100, 7_000])).toEqual([
    0, 10, 0, 20,
  ]);
});

test('reads what it wrote', () => {
  const position = { xid: 2 ** 40 + 7, atMs: 1_790_000_000_000, sinceMs: 1_789_999_998_000, readySeq: 123_456_789_012 };
  expect(readPosition(writePosition(position))).toEqual(position);
});

test.each(['', 'x', 'x1.2.3', 'x1.2.3.4.5', 'X1.2.3.4', 'x1.0.0.4', 'x1.2.3.4', 'x-1.2.1.4', 'c12', ' x1.3.2.4'])(
  'refuses %j',
  (text) => {
    expect(() => readPosition(text)).toThrow(InvalidQueryError);
  },
);
