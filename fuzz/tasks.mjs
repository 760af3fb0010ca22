// The task types of the run, beside the built-in ones.
import { defineTask } from '@navette/domain';
import { z } from 'zod';

export default [
  defineTask({
    type: 'fuzz.work',
    description: 'Writes a line, tells progress, and gives its payload back',
    payload: z.looseObject({ fails: z.boolean().optional(), note: z.string().max(1_000).optional() }),
    retry: { maxAttempts: 2, backoff: { kind: 'fixed', delayMs: 200 } },
    handler: async (payload, { log, progress }) => {
      await log(`note: ${payload.note}`);
      await progress({ done: 1, note: payload.note ?? null });
      if (payload.fails) throw new Error('as asked');
      return payload;
    },
  }),
  // On a queue of its own, so that it finds a free slot whatever has been submitted before.
  defineTask({ type: 'fuzz.last', queue: 'last', payload: z.unknown(), handler: (payload) => payload }),
];
