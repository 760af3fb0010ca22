import { type AnyTaskType, defineTask, type StandardSchema } from '@navette/domain';
import { z } from 'zod';

/** Takes anything, returns it. */
export const echo = defineTask({
  type: 'test.echo',
  description: 'Returns its payload',
  payload: z.unknown(),
  handler: (payload) => payload,
});

/** Has a strict payload and options of its own. */
export const resize = defineTask({
  type: 'test.resize',
  queue: 'media',
  priority: 'high',
  timeoutMs: 5_000,
  retry: { maxAttempts: 7 },
  payload: z.strictObject({ width: z.int().min(1), 'a/b': z.string().optional() }),
  handler: () => null,
});

/** Fails at once. */
export const fail = defineTask({
  type: 'test.fail',
  payload: z.unknown(),
  retry: { maxAttempts: 1 },
  handler: async (_payload, { log }) => {
    await log('about to fail');
    throw new Error('as asked');
  },
});

/** Runs until it is stopped. */
export const stubborn = defineTask({
  type: 'test.until-stopped',
  payload: z.unknown(),
  handler: (_payload, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
});

/** Its schema has no words for JSON Schema: a date. */
export const dated = defineTask({ type: 'test.dated', payload: z.object({ day: z.date() }), handler: () => null });

/** Its schema comes from a library that has no JSON Schema at all. */
const foreignSchema: StandardSchema = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
export const foreign = defineTask({ type: 'test.foreign', payload: foreignSchema, handler: () => null });

/** The catalogue of the API under test. */
export const taskTypes: readonly AnyTaskType[] = [echo, resize, fail, stubborn, dated, foreign];
