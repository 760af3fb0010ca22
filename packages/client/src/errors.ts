import type { BadField, Problem } from './contract.ts';

/** The server refused a call. */
export class NavetteApiError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** Stable, meant for programs; `unknown` where the answer was not Navette's. */
  readonly code: string;
  /** What is wrong, for people. */
  readonly detail: string;
  /** The fields that are wrong, if it is about fields. */
  readonly errors: readonly BadField[];
  /** All that the server told; `undefined` where the answer was not Navette's. */
  readonly problem: Problem | undefined;
  /** How long the server asks to wait before the next try, ms. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, problem: Problem | undefined, retryAfterMs?: number) {
    const detail = problem?.detail ?? `the server answered with status ${status}`;
    super(detail);
    this.name = 'NavetteApiError';
    this.status = status;
    this.code = problem?.code ?? 'unknown';
    this.detail = detail;
    this.errors = problem?.errors ?? [];
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** There was no answer, or not a whole one. Whether the call took effect is not known. */
export class NavetteConnectionError extends Error {
  constructor(message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'NavetteConnectionError';
  }
}

/** Makes an error of an answer that is not a success. */
export function errorOfAnswer({ status, headers }: Response, body: unknown): NavetteApiError {
  return new NavetteApiError(status, isProblem(body) ? body : undefined, retryAfterMs(headers.get('retry-after')));
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}

/** Reads `Retry-After`: seconds, or a date. */
function retryAfterMs(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
