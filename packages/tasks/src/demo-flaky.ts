import { defineTask } from '@navette/domain';
import { z } from 'zod';

/** Fails a given number of attempts, then returns `{ attempt }`. With `failures` ≥ its `maxAttempts` it ends failed. */
export const demoFlaky = defineTask({
  type: 'demo.flaky',
  description: 'Fails its first `failures` attempts, then returns `{ attempt }`; by default it has 3 attempts.',
  payload: z.strictObject({ failures: z.int().min(0).max(50) }),
  retry: { backoff: { kind: 'fixed', delayMs: 200, jitter: 0 } },
  handler: ({ failures }, { attempt }) => {
    if (attempt <= failures) throw new Error(`fails on purpose: attempt ${attempt}, of ${failures} that fail`);
    return { attempt };
  },
});
