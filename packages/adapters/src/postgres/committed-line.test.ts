import { expect, it } from 'vitest';
import { readCommitted, tasksOf } from './committed-line.ts';

it('reads what tasks a commit brought', () => {
  const committed = readCommitted('committed origin queued 1 media a b');
  expect(committed).toEqual({ origin: 'origin', state: 'queued', priority: 'high', queue: 'media', ids: ['a', 'b'] });
  expect(tasksOf(committed!)).toEqual(
    ['a', 'b'].map((id) => ({ id, state: 'queued', queue: 'media', priority: 'high', dispatch: 1 })),
  );
});

it.each([
  '',
  'queue media',
  'committed',
  'committed x',
  'committed x queued 9 media a',
  'committed x exploded 1 media a',
])('takes %j for nothing of that kind', (line) => {
  expect(readCommitted(line)).toBeUndefined();
});
