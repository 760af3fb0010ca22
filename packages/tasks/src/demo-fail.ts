import { defineTask, PermanentError } from '@navette/domain';
import { z } from 'zod';

/** Fails every attempt; with `permanent`, the first one for good. */
export const demoFail = defineTask({
  type: 'demo.fail',
  description: 'Fails every attempt with `message`; with `permanent`, at once and for good.',
  payload: z.strictObject({
    message: z.string().min(1).max(1_000).default('fails on purpose'),
    permanent: z.boolean().default(false),
  }),
  retry: { backoff: { kind: 'fixed', delayMs: 200, jitter: 0 } },
  handler: ({ message, permanent }): never => {
    throw permanent ? new PermanentError(message) : new Error(message);
  },
});
