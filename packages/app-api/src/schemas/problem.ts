import { z } from '@hono/zod-openapi';
import { taskStates } from '@navette/domain';

/** A problem document (RFC 9457). */
export const problemSchema = z
  .strictObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().openapi({ description: 'Stable; meant for programs.', example: 'invalid_request' }),
    errors: z
      .array(
        z.strictObject({
          detail: z.string(),
          pointer: z.string().optional().openapi({ description: 'JSON Pointer into the body.', example: '#/delayMs' }),
          parameter: z.string().optional().openapi({ description: 'Name of a query parameter.' }),
        }),
      )
      .optional(),
    known: z.array(z.string()).optional().openapi({ description: 'unknown_task_type: the known types.' }),
    taskId: z.uuid().optional().openapi({ description: 'idempotency_key_reused: the task of the other request.' }),
    operationId: z.uuid().optional().openapi({ description: 'idempotency_key_reused: the mass action of it.' }),
    state: z.enum(taskStates).optional().openapi({ description: 'invalid_transition: the state of the task.' }),
  })
  .openapi('Problem');

const descriptions = {
  400: 'The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`).',
  401: 'No valid API key (`unauthorized`).',
  403: 'Not from where this comes (`forbidden`).',
  404: 'There is none (`task_not_found`, `operation_not_found`, `not_found`).',
  409: 'Not legal in the state the task is in (`invalid_transition`).',
  413: 'The body is too large (`payload_too_large`).',
  415: 'The body is not sent as JSON (`unsupported_media_type`).',
  422: '`invalid_request`, `unknown_task_type`, `invalid_payload`, `idempotency_key_reused`, `query_too_broad`.',
  500: 'A fault of the server (`internal_error`).',
  503: 'The store did not answer (`store_unavailable`); see Retry-After.',
} as const;

type Refusal = keyof typeof descriptions;

interface ProblemResponse {
  readonly description: string;
  readonly content: { readonly 'application/problem+json': { readonly schema: typeof problemSchema } };
}

/** The refusals of a call that needs a key and the store, beside those named. */
export function refusals<Status extends Refusal>(...statuses: readonly Status[]) {
  return problemResponses<Status | 401 | 403 | 500 | 503>(...statuses, 401, 403, 500, 503);
}

/** Answers that are problem documents, exactly those named. */
export function problemResponses<Status extends Refusal>(...statuses: readonly Status[]) {
  const content = { 'application/problem+json': { schema: problemSchema } };
  const entries = statuses.map((status) => [status, { description: descriptions[status], content }]);
  return Object.fromEntries(entries) as Record<Status, ProblemResponse>;
}
