import { AttemptStoppedError, isPermanentError, PermanentError, StoreUnavailableError } from '../errors.ts';
import { cleanText, messageOf, toStorableJson } from '../json.ts';
import type { ClaimedAttempt, Settlement } from '../ports/attempts.ts';
import { decide } from '../retry-policy.ts';
import type { TaskError } from '../task.ts';
import type { HandlerEnd } from './handler-run.ts';

/** Before an attempt that a store that is away has ended is made again, ms; doubled with each uncounted attempt. */
const handedBackMs = 1_000;
const longestHandedBackMs = 60_000;

/**
 * Decides what a handler's end means for its task. Pure; `undefined` where nothing may be written, because the attempt
 * has been superseded.
 */
export function settlementOf(
  claimed: ClaimedAttempt,
  end: HandlerEnd,
  now: Date,
  random: number,
): Settlement | undefined {
  if (end.stopped === 'superseded') return undefined;
  if (end.kind === 'threw' && end.stopped !== 'cancelled' && isOfStoreAway(end.error)) {
    const uncounted = claimed.attempt - 1 - claimed.spent;
    return { outcome: 'interrupted', delayMs: Math.min(handedBackMs * 2 ** uncounted, longestHandedBackMs) };
  }
  if (end.stopped === 'timed_out') {
    return failure(claimed, new AttemptStoppedError('timed_out'), 'timed_out', now, random);
  }
  if (end.kind === 'returned') return completion(claimed, end.value, now, random);
  if (end.stopped === 'cancelled') {
    return { outcome: 'cancelled', cancellation: end.kind === 'abandoned' ? 'ignored' : 'acknowledged' };
  }
  if (end.stopped === 'interrupted') return { outcome: 'interrupted' };
  return failure(claimed, (end as { error: unknown }).error, 'failed', now, random);
}

/** Whether an error comes of a store that is away, which fails no attempt; unless the handler makes it permanent. */
function isOfStoreAway(error: unknown): boolean {
  const seen = new Set<unknown>();
  for (let one = error; one instanceof Error && !seen.has(one); one = one.cause) {
    if (isPermanentError(one)) return false;
    if (one instanceof StoreUnavailableError) return true;
    seen.add(one);
  }
  return false;
}

function completion(claimed: ClaimedAttempt, value: unknown, now: Date, random: number): Settlement {
  const storable = toStorableJson(value);
  if ('value' in storable) return { outcome: 'completed', result: storable.value };
  const { detail, pointer } = storable.problem;
  const error = new PermanentError(`the result ${pointer ? `at ${pointer} ` : ''}${detail}`, {
    code: 'invalid_result',
  });
  return failure(claimed, error, 'failed', now, random);
}

function failure(
  claimed: ClaimedAttempt,
  cause: unknown,
  outcome: 'failed' | 'timed_out',
  now: Date,
  random: number,
): Settlement {
  const decision = decide(claimed.retry, claimed.spent + 1, cause, now, random);
  const error = outcome === 'timed_out' ? timeoutError(claimed) : taskErrorOf(cause);
  return decision.retry
    ? { outcome, error, next: 'retrying', delayMs: decision.delayMs }
    : { outcome, error, next: 'failed' };
}

function timeoutError(claimed: ClaimedAttempt): TaskError {
  return { code: 'timed_out', message: `the attempt took longer than ${claimed.timeoutMs} ms` };
}

const codePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What is kept of a thrown value: its own code if it has a usable one, and its message, cleaned and cut. */
export function taskErrorOf(cause: unknown): TaskError {
  const own = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  const code = typeof own === 'string' && codePattern.test(own) ? own : 'handler_error';
  return { code, message: cleanText(messageOf(cause)) };
}
