import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { PermanentError, RetryAfterError } from './errors.ts';
import {
  backoffKinds,
  decide,
  defaultRetryPolicy,
  maxDelayLimitMs,
  mergeRetryPolicy,
  type RetryPolicy,
} from './retry-policy.ts';
import { policyProblems } from './submission.ts';

const now = new Date('2026-01-01T00:00:00Z');
const anyPolicy: fc.Arbitrary<RetryPolicy> = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 50 }),
  backoff: fc.record({
    kind: fc.constantFrom(...backoffKinds),
    delayMs: fc.nat({ max: 10_000_000 }),
    maxDelayMs: fc.nat({ max: maxDelayLimitMs }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
});
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const anySpent = fc.integer({ min: 1, max: 60 });
const transient = new Error('try again');

describe('decide', () => {
  it('retries a transient error exactly while attempts are left', () => {
    fc.assert(
      fc.property(anyPolicy, anySpent, anyRandom, (policy, spent, random) => {
        const decision = decide(policy, spent, transient, now, random);
        expect(decision.retry).toBe(spent < policy.maxAttempts);
        if (!decision.retry) expect(decision.reason).toBe('exhausted');
      }),
    );
  });

  it('never retries a permanent error', () => {
    fc.assert(
      fc.property(anyPolicy, anySpent, anyRandom, (policy, spent, random) => {
        const decision = decide(policy, spent, new PermanentError('no'), now, random);
        expect(decision).toEqual({ retry: false, reason: 'permanent' });
      }),
    );
  });

  it('knows the errors of another copy of the package', async () => {
    vi.resetModules();
    const copy = await import('./errors.ts');
    const foreign = new copy.PermanentError('no');
    expect(foreign).not.toBeInstanceOf(PermanentError);
    expect(decide(defaultRetryPolicy, 1, foreign, now, 0)).toEqual({ retry: false, reason: 'permanent' });
    const later = new copy.RetryAfterError(7);
    expect(decide(defaultRetryPolicy, 1, later, now, 0)).toEqual({ retry: true, delayMs: 7 });
  });

  it('waits an integer of milliseconds, within the jitter and under the maximum', () => {
    fc.assert(
      fc.property(anyPolicy, anySpent, anyRandom, (policy, spent, random) => {
        const decision = decide(policy, spent, transient, now, random);
        if (!decision.retry) return;
        const { delayMs, maxDelayMs, jitter } = policy.backoff;
        const steps = { fixed: 1, linear: spent, exponential: 2 ** (spent - 1) }[policy.backoff.kind];
        const whole = Math.min(delayMs * steps, maxDelayMs);
        expect(Number.isInteger(decision.delayMs)).toBe(true);
        expect(decision.delayMs).toBeLessThanOrEqual(Math.round(whole));
        expect(decision.delayMs).toBeGreaterThanOrEqual(Math.floor(whole * (1 - jitter)));
      }),
    );
  });

  it('never waits less at a later retry, without jitter', () => {
    fc.assert(
      fc.property(anyPolicy, fc.integer({ min: 1, max: 48 }), (policy, spent) => {
        const at = (n: number) => decide({ ...policy, maxAttempts: 50 }, n, transient, now, 0);
        const [first, second] = [at(spent), at(spent + 1)];
        if (first.retry && second.retry) expect(second.delayMs).toBeGreaterThanOrEqual(first.delayMs);
      }),
    );
  });

  it('keeps to what a RetryAfterError asks, whatever the policy says', () => {
    fc.assert(
      fc.property(anyPolicy, anyRandom, fc.nat({ max: maxDelayLimitMs }), (policy, random, delayMs) => {
        const open = { ...policy, maxAttempts: 2 };
        expect(decide(open, 1, new RetryAfterError(delayMs), now, random)).toEqual({ retry: true, delayMs });
        const moment = new Date(now.getTime() + delayMs);
        expect(decide(open, 1, new RetryAfterError(moment), now, random)).toEqual({ retry: true, delayMs });
      }),
    );
  });

  it('takes a RetryAfterError of the past, of nonsense or of too far as something sensible', () => {
    const policy = { ...defaultRetryPolicy, backoff: { ...defaultRetryPolicy.backoff, jitter: 0 } };
    const delayOf = (after: number | Date) => decide(policy, 1, new RetryAfterError(after), now, 0.5);
    expect(delayOf(-5)).toEqual({ retry: true, delayMs: 0 });
    expect(delayOf(Number.NaN)).toEqual({ retry: true, delayMs: 1_000 });
    expect(delayOf(new Date(Number.NaN))).toEqual({ retry: true, delayMs: 1_000 });
    expect(delayOf(Number.MAX_SAFE_INTEGER)).toEqual({ retry: true, delayMs: maxDelayLimitMs });
  });

  it('counts a RetryAfterError as an attempt', () => {
    const policy = { ...defaultRetryPolicy, maxAttempts: 1 };
    expect(decide(policy, 1, new RetryAfterError(10), now, 0)).toEqual({ retry: false, reason: 'exhausted' });
  });
});

describe('mergeRetryPolicy', () => {
  it('gives a valid policy for any valid parts, the given fields winning', () => {
    const partial = fc.record(
      {
        maxAttempts: fc.integer({ min: 1, max: 50 }),
        backoff: fc.record(
          { kind: fc.constantFrom(...backoffKinds), delayMs: fc.nat({ max: 1_000 }), jitter: fc.constant(0.25) },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anyPolicy, partial, (base, given) => {
        const merged = mergeRetryPolicy(base, given);
        expect(policyProblems(merged, '')).toEqual([]);
        expect(merged).toEqual({
          maxAttempts: given.maxAttempts ?? base.maxAttempts,
          backoff: { ...base.backoff, ...given.backoff },
        });
      }),
    );
  });

  it('gives the base itself when nothing is given', () => {
    expect(mergeRetryPolicy(defaultRetryPolicy, undefined)).toBe(defaultRetryPolicy);
  });
});
