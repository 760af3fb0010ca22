import { priorities } from '@navette/domain';
import { describe, expect, it } from 'vitest';
import { handOverOf, jobIdOf, queueJobOf } from './queue-job.ts';

describe('the job of a hand-over', () => {
  it.each([
    ['0197c1b0-0000-7000-8000-000000000000', 1],
    ['a.b', 12],
    ['7', 3],
  ])('is named so that task %s and dispatch %i can be told from it', (taskId, dispatch) => {
    expect(handOverOf(jobIdOf({ taskId, dispatch }))).toEqual({ taskId, dispatch });
  });

  it.each([undefined, '', '17', 'a.', '.1', 'a.0', 'a.x', 'a.-1', 'repeat:x:1'])('is not %j', (jobId) => {
    expect(handOverOf(jobId)).toBeUndefined();
  });

  it('has a priority of at least 1, a lower one for what runs first', () => {
    const numbers = priorities.map(
      (priority) => queueJobOf({ taskId: 'a', dispatch: 1, queue: 'q', priority }).opts.priority,
    );
    expect(numbers).toEqual([1, 2, 3, 4, 5]);
  });
});
