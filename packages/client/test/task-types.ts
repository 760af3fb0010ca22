import { defineTask, PermanentError } from '@navette/domain';
import { z } from 'zod';

/** The task types of these tests. */
export const taskTypes = [
  defineTask({ type: 'test.echo', payload: z.unknown(), handler: (payload) => payload as never }),
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
    payload: z.object({ message: z.string() }),
    handler: ({ message }) => {
      throw new PermanentError(message, { code: 'no_luck' });
    },
  }),
  defineTask({
    type: 'test.endless',
    queue: 'slow',
    payload: z.unknown(),
    handler: (_payload, { signal }) =>
      new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  }),
  // In the place of the built-in ones that the documentation shows.
  defineTask({ type: 'demo.echo', payload: z.unknown(), handler: (payload) => payload as never }),
  defineTask({ type: 'demo.sleep', payload: z.object({ ms: z.int() }), handler: ({ ms }) => ({ ms }) }),
  defineTask({ type: 'csv.summary', payload: z.object({ text: z.string() }), handler: () => ({ rows: 1 }) }),
];
