import { isPermanentError, isRetryAfterError } from './errors.ts';

/** How the delay grows from retry to retry: the same, by equal steps, or doubling. */
export const backoffKinds = ['fixed', 'linear', 'exponential'] as const;

/** The delay before a retry. */
export interface Backoff {
  readonly kind: (typeof backoffKinds)[number];
  /** Delay before the first retry, ms. */
  readonly delayMs: number;
  /** No delay is longer than this, ms. */
  readonly maxDelayMs: number;
  /** The part of the delay that is random, 0 to 1: the delay lies in `[delay × (1 − jitter), delay]`. */
  readonly jitter: number;
}

/** How often and how soon a failed task is tried again. */
export interface RetryPolicy {
  /** Attempts that may be spent before the task fails, 1 to 50. */
  readonly maxAttempts: number;
  readonly backoff: Backoff;
}

/** A policy of which only some fields are given; the rest comes from the task type, or from the default. */
export interface PartialRetryPolicy {
  readonly maxAttempts?: number | undefined;
  readonly backoff?: { readonly [K in keyof Backoff]?: Backoff[K] | undefined } | undefined;
}

/** The most attempts a policy may allow. */
export const maxAttemptsLimit = 50;

/** The longest delay a policy may ask for: a year, in ms. */
export const maxDelayLimitMs = 365 * 24 * 60 * 60 * 1000;

/** The policy of a task type that names none: 3 attempts, 1 s, 2 s, 4 s … at most an hour, half of it random. */
export const defaultRetryPolicy: RetryPolicy = {
  maxAttempts: 3,
  backoff: { kind: 'exponential', delayMs: 1_000, maxDelayMs: 3_600_000, jitter: 0.5 },
};

/** Lays the given fields over a base policy. */
export function mergeRetryPolicy(base: RetryPolicy, partial: PartialRetryPolicy | undefined): RetryPolicy {
  if (!partial) return base;
  const { backoff } = partial;
  return {
    maxAttempts: partial.maxAttempts ?? base.maxAttempts,
    backoff: {
      kind: backoff?.kind ?? base.backoff.kind,
      delayMs: backoff?.delayMs ?? base.backoff.delayMs,
      maxDelayMs: backoff?.maxDelayMs ?? base.backoff.maxDelayMs,
      jitter: backoff?.jitter ?? base.backoff.jitter,
    },
  };
}

/** What follows a failed attempt. */
export type RetryDecision =
  | { readonly retry: true; readonly delayMs: number }
  | { readonly retry: false; readonly reason: 'permanent' | 'exhausted' };

/**
 * Decides what follows a failed attempt. Pure: time and chance are arguments.
 *
 * @param spent attempts that have counted against `maxAttempts`, this one included
 * @param error what the handler threw
 * @param now the present time, for a `RetryAfterError` that names a moment
 * @param random a number in [0, 1), the jitter
 */
export function decide(policy: RetryPolicy, spent: number, error: unknown, now: Date, random: number): RetryDecision {
  if (isPermanentError(error)) return { retry: false, reason: 'permanent' };
  if (spent >= policy.maxAttempts) return { retry: false, reason: 'exhausted' };
  if (isRetryAfterError(error)) {
    const { retryAfter } = error;
    const asked = retryAfter instanceof Date ? retryAfter.getTime() - now.getTime() : retryAfter;
    if (Number.isFinite(asked)) return { retry: true, delayMs: Math.round(clamp(asked, 0, maxDelayLimitMs)) };
  }
  const { delayMs, maxDelayMs, jitter } = policy.backoff;
  const delay = Math.min(delayMs * growth(policy.backoff.kind, spent), maxDelayMs);
  return { retry: true, delayMs: Math.round(delay * (1 - jitter * random)) };
}

function growth(kind: Backoff['kind'], spent: number): number {
  if (kind === 'fixed') return 1;
  return kind === 'linear' ? spent : 2 ** (spent - 1);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
