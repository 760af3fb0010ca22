import { priorities } from '@navette/domain';
import { describe, expect, it } from 'vitest';
import { handOverOf, jobIdOf, queueJobOf } from './queue-job.ts';

describe('the job of a hand-over', () => {
  it.each([
    ['0197c1b0-0000-7000-8000-000000000000', 1],
    ['0197c1b0-3fff-7fff-bfff-ffffffffffff', 12],
    ['ffffffff-ffff-ffff-ffff-ffffffffffff', 1_234],
  ])('is named so that task %s and dispatch %i can be told from it', (taskId, dispatch) => {
    expect(handOverOf(jobIdOf({ taskId, dispatch }))).toEqual({ taskId, dispatch });
  });

  it.each([undefined, '', '17', '#.', '.1', '#.0', '#.x', '#.-1', '#0.1', 'repeat:x:1'])('is not %j', (jobId) => {
    expect(handOverOf(jobId?.replace('#', 'AZfBsAAAcACAAAAAAAAAAA'))).toBeUndefined();
  });

  it('has a priority of at least 1, a lower one for what runs first', () => {
    const numbers = priorities.map(
      (priority) =>
        queueJobOf({ taskId: '0197c1b0-0000-7000-8000-000000000000', dispatch: 1, queue: 'q', priority }).opts.priority,
    );
    expect(numbers).toEqual([1, 2, 3, 4, 5]);
  });
});
