import type { Problem } from './errors.ts';
import { isInteger } from './integer.ts';
import type { Json } from './json.ts';
import { type Priority, priorities } from './priority.ts';
import {
  backoffKinds,
  maxAttemptsLimit,
  maxDelayLimitMs,
  type PartialRetryPolicy,
  type RetryPolicy,
} from './retry-policy.ts';

/** What may be said about a task beside its type and payload. */
export interface SubmitOptions {
  readonly priority?: Priority | undefined;
  /** Run after this delay, ms, 0 to one year; not together with `runAt`. */
  readonly delayMs?: number | undefined;
  /** Run at this moment; a past one means now. */
  readonly runAt?: Date | undefined;
  /** If it has not started by then, it ends `expired`. */
  readonly expiresAt?: Date | undefined;
  /** How long one attempt may take, ms. */
  readonly timeoutMs?: number | undefined;
  /** Laid over the type's policy. */
  readonly retry?: PartialRetryPolicy | undefined;
  /** At most 20, of 1–64 characters. */
  readonly tags?: readonly string[] | undefined;
  /** Submitting the same again with the same key gives the same task; 1–255 visible characters. */
  readonly idempotencyKey?: string | undefined;
}

/** A submission as it arrives. */
export interface SubmitRequest extends SubmitOptions {
  readonly type: string;
  readonly payload: Json;
}

/** The limits of a submission. */
export const submissionLimits = {
  maxTags: 20,
  maxTagLength: 64,
  maxIdempotencyKeyLength: 255,
  /** `setTimeout` counts to 2^31 − 1 ms, about 24 days. */
  maxTimeoutMs: 2_147_483_647,
  /** Tasks that are recorded all or nothing, in one transaction. */
  maxAtomic: 1_000,
} as const;

const keyPattern = /^[\x21-\x7e]+$/;

const { maxTags, maxTagLength, maxIdempotencyKeyLength, maxTimeoutMs } = submissionLimits;

/** What is asked of each field; written once, not at each submission. */
const demands = {
  priority: `must be one of ${priorities.join(', ')}`,
  delayMs: `must be an integer from 0 to ${maxDelayLimitMs}`,
  date: 'must be a valid date',
  oneMoment: 'cannot be given together with delayMs',
  timeoutMs: `must be an integer from 1 to ${maxTimeoutMs}`,
  tags: `must be a list of at most ${maxTags}`,
  tag: `must be a text of 1 to ${maxTagLength} characters`,
  idempotencyKey: `must be 1 to ${maxIdempotencyKeyLength} visible ASCII characters`,
};

/** Everything that is wrong with the options of a submission, one entry per field. */
export function submissionProblems(options: SubmitOptions): Problem[] {
  const problems: Problem[] = [];
  const check = (fine: boolean, pointer: string, detail: string) => {
    if (!fine) problems.push({ pointer: `#/${pointer}`, detail });
  };
  const { priority, delayMs, runAt, expiresAt, timeoutMs, retry, tags, idempotencyKey } = options;
  check(priority === undefined || priorities.includes(priority), 'priority', demands.priority);
  check(delayMs === undefined || isInteger(delayMs, 0, maxDelayLimitMs), 'delayMs', demands.delayMs);
  check(runAt === undefined || isStorableDate(runAt), 'runAt', demands.date);
  check(delayMs === undefined || runAt === undefined, 'runAt', demands.oneMoment);
  check(expiresAt === undefined || isStorableDate(expiresAt), 'expiresAt', demands.date);
  check(timeoutMs === undefined || isInteger(timeoutMs, 1, maxTimeoutMs), 'timeoutMs', demands.timeoutMs);
  if (retry !== undefined) problems.push(...policyProblems(retry, '#/retry'));
  if (tags !== undefined) {
    check(Array.isArray(tags) && tags.length <= maxTags, 'tags', demands.tags);
    for (const [i, tag] of (Array.isArray(tags) ? tags : []).entries()) {
      const fine = typeof tag === 'string' && tag.length >= 1 && tag.length <= maxTagLength;
      check(fine, `tags/${i}`, demands.tag);
    }
  }
  check(
    idempotencyKey === undefined ||
      (typeof idempotencyKey === 'string' &&
        idempotencyKey.length <= maxIdempotencyKeyLength &&
        keyPattern.test(idempotencyKey)),
    'idempotencyKey',
    demands.idempotencyKey,
  );
  return problems;
}

/** Everything that is wrong with a policy; absent fields are fine. */
export function policyProblems(policy: PartialRetryPolicy | RetryPolicy, pointer: string): Problem[] {
  const problems: Problem[] = [];
  const check = (fine: boolean, field: string, detail: string) => {
    if (!fine) problems.push({ pointer: `${pointer}/${field}`, detail });
  };
  const { maxAttempts, backoff } = policy;
  check(
    maxAttempts === undefined || isInteger(maxAttempts, 1, maxAttemptsLimit),
    'maxAttempts',
    `must be an integer from 1 to ${maxAttemptsLimit}`,
  );
  if (backoff === undefined) return problems;
  const { kind, delayMs, maxDelayMs, jitter } = backoff;
  check(kind === undefined || backoffKinds.includes(kind), 'backoff/kind', `must be one of ${backoffKinds.join(', ')}`);
  for (const [field, value] of Object.entries({ delayMs, maxDelayMs })) {
    const fine = value === undefined || isInteger(value, 0, maxDelayLimitMs);
    check(fine, `backoff/${field}`, `must be an integer from 0 to ${maxDelayLimitMs}`);
  }
  check(
    jitter === undefined || (typeof jitter === 'number' && jitter >= 0 && jitter <= 1),
    'backoff/jitter',
    'must be a number from 0 to 1',
  );
  return problems;
}

const earliest = Date.UTC(1970, 0, 1);
const latest = Date.UTC(9999, 11, 31);

/** Dates that PostgreSQL, JSON and people all write the same way. */
function isStorableDate(value: unknown): value is Date {
  return value instanceof Date && value.getTime() >= earliest && value.getTime() <= latest;
}
