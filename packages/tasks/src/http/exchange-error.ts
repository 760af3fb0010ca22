import { isPermanentError, messageOf, PermanentError, RetryAfterError } from '@navette/domain';
import type { HttpRequest, HttpResponse } from './exchange.ts';
import { printableUrl } from './target-url.ts';

/** A failure that may mend itself, by its stable code. */
class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly code: string;
  constructor(message: string, code: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** What to throw where no answer came, or its body broke off: transient, unless the address guard refused. */
export function networkError(request: HttpRequest, cause: unknown): Error {
  if (isPermanentError(cause)) return cause;
  // Node reports the failures of several addresses as one error that says nothing itself.
  const told = cause instanceof AggregateError && cause.message === '' ? cause.errors[0] : cause;
  return new TransientError(`${nameOf(request)} failed: ${messageOf(told)}`, 'network_error', cause);
}

/**
 * What to throw for a status that is not a success: 429 and 5xx are transient, 429 and 503 not before their
 * Retry-After; everything else is permanent. The code is `http_<status>`.
 */
export function statusError(response: HttpResponse, excerpt: string): Error {
  const { request, status, headers } = response;
  const code = `http_${status}`;
  const message = `${nameOf(request)} answered ${status}${excerpt ? `: ${excerpt}` : ''}`;
  if (status !== 429 && status < 500) return new PermanentError(message, { code });
  const retryAfter = status === 429 || status === 503 ? parseRetryAfter(headers['retry-after']) : undefined;
  if (retryAfter === undefined) return new TransientError(message, code);
  return new RetryAfterError(retryAfter, message, { code });
}

/** Reads a Retry-After header: a delay in ms, or a moment; `undefined` if it says neither. */
export function parseRetryAfter(value: string | undefined): number | Date | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  // Every form of HTTP date starts with the day's name; Date.parse alone would take "-1" for a year.
  const moment = /^[A-Z][a-z]{2,8}\b/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? undefined : new Date(moment);
}

function nameOf({ method, url }: HttpRequest): string {
  return `${method} ${printableUrl(url)}`;
}
