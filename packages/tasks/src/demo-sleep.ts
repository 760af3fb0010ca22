import { setTimeout as sleep } from 'node:timers/promises';
import { defineTask } from '@navette/domain';
import { z } from 'zod';

const maxMs = 60 * 60 * 1000;
const maxSteps = 1_000;

/** Waits, reporting `{ done, total }` steps as it goes; stops at once when told to. Returns `{ ms }`. */
export const demoSleep = defineTask({
  type: 'demo.sleep',
  description: 'Waits `ms` milliseconds, at most an hour, and reports its progress in `steps` (default: one a second).',
  payload: z.strictObject({
    ms: z.int().min(0).max(maxMs),
    steps: z.int().min(1).max(maxSteps).optional(),
  }),
  timeoutMs: maxMs + 60_000,
  handler: async ({ ms, steps }, { signal, progress }) => {
    const total = steps ?? Math.min(Math.max(Math.ceil(ms / 1000), 1), maxSteps);
    for (let done = 1; done <= total; done++) {
      await sleep(ms / total, undefined, { signal });
      await progress({ done, total });
    }
    return { ms };
  },
});
