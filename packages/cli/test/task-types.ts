import { defineTask, PermanentError } from '@navette/domain';
import { z } from 'zod';

/** The task types of these tests. */
export const taskTypes = [
  defineTask({
    type: 'test.echo',
    description: 'Returns its payload.',
    payload: z.unknown(),
    handler: (payload) => payload as never,
  }),
  defineTask({
    type: 'test.steps',
    payload: z.object({ steps: z.int() }),
    handler: async ({ steps }, { progress, log }) => {
      for (let step = 1; step <= steps; step++) {
        await log(`step ${step}`);
        await progress({ done: step, total: steps });
      }
      return { steps };
    },
  }),
  defineTask({
    type: 'test.fail',
    payload: z.unknown(),
    handler: () => {
      throw new PermanentError('no luck today', { code: 'no_luck' });
    },
  }),
  defineTask({
    type: 'test.endless',
    queue: 'slow',
    payload: z.unknown(),
    handler: (_payload, { signal }) =>
      new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  }),
];
