import { createDeadline, type Deadline, pause } from './deadline.ts';
import { NavetteApiError, NavetteConnectionError } from './errors.ts';

/** How calls are repeated. */
export interface RetryPolicy {
  /** How often a call is made at most, the first one counted. Default: 5. */
  readonly tries: number;
  /** Before the second try, ms; doubles from try to try. Default: 500. */
  readonly delayMs: number;
  /** The longest the delay gets, ms. Default: 10,000. */
  readonly maxDelayMs: number;
}

/** How a client calls again unless it is told otherwise: five tries, 500 ms before the second. */
export const defaultRetryPolicy: RetryPolicy = { tries: 5, delayMs: 500, maxDelayMs: 10_000 };

/** A server that asks for a longer wait than this is taken at its word: the call fails, ms. */
const longestRetryAfterMs = 60_000;

/** Whether a second call does no more than the first (`always`), or could do something twice (`if-refused`). */
export type Repeatable = 'always' | 'if-refused';

/** Why a call did not succeed. */
export type Failure = NavetteApiError | NavetteConnectionError;

/** What a call goes by. */
export interface RetryingOptions {
  readonly policy: RetryPolicy;
  readonly repeatable: Repeatable;
  /** The time of one try, ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Makes a call, and makes it again after a failure that may pass.
 * @throws NavetteApiError, NavetteConnectionError, or the reason of the signal
 */
export async function retrying<T>(
  attempt: (deadline: Deadline) => Promise<T>,
  { policy, repeatable, timeoutMs, signal }: RetryingOptions,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    const deadline = createDeadline(signal, timeoutMs);
    try {
      return await attempt(deadline);
    } catch (error) {
      signal?.throwIfAborted();
      const failure = failureOf(error);
      if (tries >= policy.tries || !mayPass(failure, repeatable)) throw failure;
      await pause(delayBefore(tries + 1, policy, failure), signal);
    } finally {
      deadline.end();
    }
  }
}

/** What does not come from the server comes from the way to it. */
export function failureOf(error: unknown): Failure {
  if (error instanceof NavetteApiError || error instanceof NavetteConnectionError) return error;
  const cause = (error instanceof Error && error.cause) || error;
  const { message, code } = cause as { message?: string; code?: string };
  return new NavetteConnectionError(`no answer from the server: ${message || code || cause}`, { cause: error });
}

/** Whether the same call may succeed later. Only with 429 is it sure that nothing was done. */
export function mayPass(failure: Failure, repeatable: Repeatable): boolean {
  if (failure instanceof NavetteConnectionError) return repeatable === 'always';
  const { status, retryAfterMs = 0 } = failure;
  if (retryAfterMs > longestRetryAfterMs) return false;
  // 502 and 504 come from a proxy whose server is away.
  return status === 429 || (repeatable === 'always' && [502, 503, 504].includes(status));
}

/** How long to wait before a try, ms: at least as long as the server asks; with jitter, so that clients spread out. */
export function delayBefore(tries: number, { delayMs, maxDelayMs }: RetryPolicy, failure: Failure): number {
  const asked = (failure instanceof NavetteApiError && failure.retryAfterMs) || 0;
  const delay = Math.min(delayMs * 2 ** (tries - 2), maxDelayMs);
  return asked + delay * (0.5 + Math.random() / 2);
}
