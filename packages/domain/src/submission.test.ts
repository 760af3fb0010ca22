import { describe, expect, it } from 'vitest';
import { type SubmitOptions, submissionProblems } from './submission.ts';

describe('submissionProblems', () => {
  it('finds nothing wrong with good options', () => {
    const options: SubmitOptions = {
      priority: 'high',
      delayMs: 31_536_000_000,
      expiresAt: new Date('2027-01-01'),
      timeoutMs: 1,
      retry: { maxAttempts: 50, backoff: { kind: 'fixed', delayMs: 0, jitter: 1 } },
      tags: ['customer:42'],
      idempotencyKey: 'a'.repeat(255),
    };
    expect(submissionProblems(options)).toEqual([]);
    expect(submissionProblems({})).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['an unknown priority', { priority: 'urgent' }, '#/priority'],
    ['a negative delay', { delayMs: -1 }, '#/delayMs'],
    ['a fractional delay', { delayMs: 1.5 }, '#/delayMs'],
    ['more than a year', { delayMs: 31_536_000_001 }, '#/delayMs'],
    ['delayMs and runAt', { delayMs: 1, runAt: new Date(0) }, '#/runAt'],
    ['an invalid date', { expiresAt: new Date(Number.NaN) }, '#/expiresAt'],
    ['a date in a far year', { runAt: new Date(8.64e15) }, '#/runAt'],
    ['no time at all', { timeoutMs: 0 }, '#/timeoutMs'],
    ['a timeout beyond what timers count', { timeoutMs: 2 ** 31 }, '#/timeoutMs'],
    ['no attempts', { retry: { maxAttempts: 0 } }, '#/retry/maxAttempts'],
    ['too many attempts', { retry: { maxAttempts: 51 } }, '#/retry/maxAttempts'],
    ['an unknown backoff', { retry: { backoff: { kind: 'cubic' } } }, '#/retry/backoff/kind'],
    ['jitter above 1', { retry: { backoff: { jitter: 1.1 } } }, '#/retry/backoff/jitter'],
    ['jitter that is not a number', { retry: { backoff: { jitter: Number.NaN } } }, '#/retry/backoff/jitter'],
    ['21 tags', { tags: Array(21).fill('a') }, '#/tags'],
    ['an empty tag', { tags: ['a', ''] }, '#/tags/1'],
    ['a long tag', { tags: ['a'.repeat(65)] }, '#/tags/0'],
    ['tags that are no list', { tags: 'a' }, '#/tags'],
    ['an empty key', { idempotencyKey: '' }, '#/idempotencyKey'],
    ['a key with a space', { idempotencyKey: 'a b' }, '#/idempotencyKey'],
    ['a long key', { idempotencyKey: 'a'.repeat(256) }, '#/idempotencyKey'],
  ])('finds %s', (_name, options, pointer) => {
    expect(submissionProblems(options as SubmitOptions).map((p) => p.pointer)).toEqual([pointer]);
  });
});
