import { STATUS_CODES } from 'node:http';
import {
  type ErrorCode,
  IdempotencyKeyReusedError,
  InvalidPayloadError,
  InvalidQueryError,
  InvalidRequestError,
  InvalidTransitionError,
  type Log,
  NavetteError,
  type Problem,
  UnknownTaskTypeError,
} from '@navette/domain';
import { HTTPException } from 'hono/http-exception';

/** What HTTP itself can find wrong, beside the errors of the domain. */
export type HttpErrorCode =
  | 'expectation_failed'
  | 'forbidden'
  | 'headers_too_large'
  | 'internal_error'
  | 'invalid_json'
  | 'malformed_request'
  | 'method_not_allowed'
  | 'not_found'
  | 'payload_too_large'
  | 'request_timeout'
  | 'too_slow'
  | 'unauthorized'
  | 'unsupported_media_type';

/** A request that is refused before the domain sees it. */
export class HttpError extends Error {
  readonly code: HttpErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: HttpErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'HttpError';
    this.code = code;
    this.headers = headers;
  }
}

/** The status of every code. What has 500 is a fault of ours: it is logged, and told as `internal_error` only. */
export const statusOf = {
  invalid_json: 400,
  invalid_query: 400,
  malformed_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  operation_not_found: 404,
  task_not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  too_slow: 408,
  invalid_transition: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  expectation_failed: 417,
  batch_rejected: 422,
  idempotency_key_reused: 422,
  invalid_payload: 422,
  invalid_request: 422,
  query_too_broad: 422,
  unknown_task_type: 422,
  headers_too_large: 431,
  attempt_superseded: 500,
  broker_unavailable: 500,
  internal_error: 500,
  invalid_catalogue: 500,
  store_unavailable: 503,
} as const satisfies Record<ErrorCode | HttpErrorCode, number>;

/** More bad fields than this are not listed: a body of nothing but misspelt fields stays a small answer. */
const maxListed = 100;

/** The media type of problem documents. */
export const problemType = 'application/problem+json';

/** A problem document (RFC 9457). */
export interface ProblemDocument extends Members {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode | HttpErrorCode;
}

/** Answers an error with its problem document; nothing of an unexpected error leaves the process. */
export function problemResponse(error: unknown, log: Log): Response {
  if (error instanceof HTTPException) return error.getResponse();
  const problem = problemOf(error, log);
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      'Content-Type': problemType,
      ...(problem.code === 'store_unavailable' && { 'Retry-After': '1' }),
      ...(error instanceof HttpError && error.headers),
    },
  });
}

/** The problem document of an error, which is logged if it is none of the caller's. */
export function problemOf(error: unknown, log: Log): ProblemDocument {
  const known = error instanceof NavetteError || error instanceof HttpError;
  if (!known || statusOf[error.code] === 500) {
    log.error({ err: error }, 'a request failed unexpectedly');
    return documentOf('internal_error', { detail: 'something went wrong here; it has been logged' });
  }
  if (error.code !== 'store_unavailable') return documentOf(error.code, membersOf(error));
  log.warn({ err: error }, 'the store did not answer a request');
  const detail =
    'the store did not answer: whether this took effect is not known. Ask again, a submission with the same Idempotency-Key';
  return documentOf(error.code, { detail });
}

function documentOf(code: ErrorCode | HttpErrorCode, members: Members): ProblemDocument {
  const status = statusOf[code];
  return { type: 'about:blank', title: STATUS_CODES[status] as string, status, code, ...members };
}

interface Members {
  readonly detail: string;
  readonly [extension: string]: unknown;
}

/** What a problem says beside its code: the text, and what a program may want to know. */
function membersOf(error: NavetteError | HttpError): Members {
  const detail = error.message;
  if (error instanceof InvalidRequestError) return badFields('the request', error.problems);
  if (error instanceof InvalidPayloadError) return badFields('the payload', error.problems);
  if (error instanceof InvalidQueryError) return { detail, errors: [{ detail, parameter: error.parameter }] };
  if (error instanceof UnknownTaskTypeError) {
    return { detail, errors: [{ detail: 'is not a known task type', pointer: '#/type' }], known: error.known };
  }
  if (error instanceof IdempotencyKeyReusedError) {
    return { detail, [error.of === 'task' ? 'taskId' : 'operationId']: error.id };
  }
  if (error instanceof InvalidTransitionError) return { detail, state: error.state };
  return { detail };
}

function badFields(what: string, problems: readonly Problem[]): Members {
  const [first] = problems;
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : '';
  return {
    detail: `${what} is not valid: ${first?.pointer} ${first?.detail}${more}`,
    errors: problems.slice(0, maxListed),
  };
}
