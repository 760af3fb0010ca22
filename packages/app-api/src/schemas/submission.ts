import { z } from '@hono/zod-openapi';
import { backoffKinds, maxAttemptsLimit, maxDelayLimitMs, priorities, submissionLimits } from '@navette/domain';
import { jsonValue, moment } from './values.ts';

const { maxTags, maxTagLength, maxIdempotencyKeyLength, maxTimeoutMs } = submissionLimits;
const delay = z.int().min(0).max(maxDelayLimitMs);

const retry = z
  .strictObject({
    maxAttempts: z.int().min(1).max(maxAttemptsLimit).optional(),
    backoff: z
      .strictObject({
        kind: z.enum(backoffKinds).optional(),
        delayMs: delay.optional(),
        maxDelayMs: delay.optional(),
        jitter: z.number().min(0).max(1).optional(),
      })
      .optional(),
  })
  .openapi('RetryPolicy', { description: 'Laid over the policy of the task type.' });

/** An idempotency key, from the field or the header. */
export const idempotencyKey = z
  .string()
  .max(maxIdempotencyKeyLength, { abort: true })
  .regex(/^[\x21-\x7e]+$/, `must be 1 to ${maxIdempotencyKeyLength} visible ASCII characters`);

/** The body of a submission. */
export const submissionSchema = z
  .strictObject({
    type: z.string().max(128).openapi({ example: 'demo.echo' }),
    payload: jsonValue.openapi({ description: 'Fits the schema of the type.', example: { hello: 'world' } }),
    priority: z.enum(priorities).optional(),
    delayMs: delay.optional().openapi({ description: 'Not together with runAt.' }),
    runAt: moment.optional().openapi({ description: 'A past moment means now.' }),
    expiresAt: moment.optional().openapi({ description: 'If it has not started by then, it ends expired.' }),
    timeoutMs: z.int().min(1).max(maxTimeoutMs).optional().openapi({ description: 'For one attempt.' }),
    retry: retry.optional(),
    tags: z.array(z.string().min(1).max(maxTagLength)).max(maxTags).optional(),
    idempotencyKey: idempotencyKey.optional().openapi({ description: 'Or the header Idempotency-Key.' }),
  })
  .openapi('Submission');
