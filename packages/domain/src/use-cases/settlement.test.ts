import { describe, expect, it } from 'vitest';
import { AttemptStoppedError, PermanentError, StoreUnavailableError } from '../errors.ts';
import type { ClaimedAttempt } from '../ports/attempts.ts';
import { settlementOf, taskErrorOf } from './settlement.ts';

const claimed: ClaimedAttempt = {
  taskId: 't',
  attempt: 1,
  worker: 'w',
  dispatch: 1,
  type: 'demo',
  queue: 'default',
  priority: 'normal',
  payload: null,
  spent: 0,
  timeoutMs: 100,
  retry: { maxAttempts: 2, backoff: { kind: 'fixed', delayMs: 7, maxDelayMs: 7, jitter: 0 } },
};
const last = { ...claimed, spent: 1 };
const now = new Date(0);
const failed = new Error('no luck');

describe('settlementOf', () => {
  it('completes with what the handler returned', () => {
    const end = { kind: 'returned', value: { n: 1 }, stopped: undefined } as const;
    expect(settlementOf(claimed, end, now, 0)).toEqual({ outcome: 'completed', result: { n: 1 } });
  });

  it('fails for good when the result cannot be stored', () => {
    const end = { kind: 'returned', value: 1n, stopped: undefined } as const;
    expect(settlementOf(claimed, end, now, 0)).toMatchObject({ next: 'failed', error: { code: 'invalid_result' } });
  });

  it('retries a failure while attempts are left', () => {
    const end = { kind: 'threw', error: failed, stopped: undefined } as const;
    const error = { code: 'handler_error', message: 'no luck' };
    expect(settlementOf(claimed, end, now, 0)).toEqual({ outcome: 'failed', error, next: 'retrying', delayMs: 7 });
    expect(settlementOf(last, end, now, 0)).toEqual({ outcome: 'failed', error, next: 'failed' });
  });

  it.each(['returned', 'threw', 'abandoned'] as const)(
    'a timeout counts, also when the handler %s afterwards',
    (kind) => {
      const end = { kind, value: 1, error: failed, stopped: 'timed_out' } as const;
      const answer = settlementOf(claimed, end, now, 0);
      expect(answer).toMatchObject({ outcome: 'timed_out', next: 'retrying', error: { code: 'timed_out' } });
    },
  );

  it('knows an obeyed cancel from an ignored and a late one', () => {
    const stopped = 'cancelled';
    const error = new AttemptStoppedError('cancelled');
    const of = (end: Parameters<typeof settlementOf>[1]) => settlementOf(claimed, end, now, 0);
    expect(of({ kind: 'threw', error, stopped })).toEqual({ outcome: 'cancelled', cancellation: 'acknowledged' });
    expect(of({ kind: 'abandoned', stopped })).toEqual({ outcome: 'cancelled', cancellation: 'ignored' });
    expect(of({ kind: 'returned', value: 5, stopped })).toEqual({ outcome: 'completed', result: 5 });
  });

  it('hands back what a shutdown stopped, and keeps what it finished all the same', () => {
    const stopped = 'interrupted';
    const of = (end: Parameters<typeof settlementOf>[1]) => settlementOf(claimed, end, now, 0);
    expect(of({ kind: 'threw', error: failed, stopped })).toEqual({ outcome: 'interrupted' });
    expect(of({ kind: 'abandoned', stopped })).toEqual({ outcome: 'interrupted' });
    expect(of({ kind: 'returned', value: 5, stopped })).toEqual({ outcome: 'completed', result: 5 });
  });

  it('hands back, uncounted and after a growing delay, what a store that is away has ended', () => {
    const away = new StoreUnavailableError('away');
    const of = (error: unknown, stopped?: 'timed_out', attempt = 1) =>
      settlementOf({ ...last, attempt }, { kind: 'threw', error, stopped }, now, 0);
    expect(of(away, undefined, 2)).toEqual({ outcome: 'interrupted', delayMs: 1_000 });
    expect(of(new Error('no report', { cause: away }), undefined, 4)).toEqual({
      outcome: 'interrupted',
      delayMs: 4_000,
    });
    expect(of(away, 'timed_out', 1_000)).toEqual({ outcome: 'interrupted', delayMs: 60_000 });
    expect(of(new PermanentError('given up', { cause: away }))).toMatchObject({ outcome: 'failed', next: 'failed' });
    const circular = new Error('circular');
    circular.cause = circular;
    expect(of(circular)).toMatchObject({ outcome: 'failed' });
    const cancelled = { kind: 'threw', error: away, stopped: 'cancelled' } as const;
    expect(settlementOf(claimed, cancelled, now, 0)).toMatchObject({ outcome: 'cancelled' });
  });

  it('writes nothing for a superseded attempt', () => {
    expect(settlementOf(claimed, { kind: 'returned', value: 1, stopped: 'superseded' }, now, 0)).toBeUndefined();
  });
});

describe('taskErrorOf', () => {
  it.each([
    [new PermanentError('gone', { code: 'http_410' }), { code: 'http_410', message: 'gone' }],
    [new PermanentError('no'), { code: 'permanent_error', message: 'no' }],
    [Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), { code: 'ECONNREFUSED', message: 'refused' }],
    [Object.assign(new Error('odd'), { code: 'a code with spaces' }), { code: 'handler_error', message: 'odd' }],
    [Object.assign(new Error('odd'), { code: 42 }), { code: 'handler_error', message: 'odd' }],
    ['a text', { code: 'handler_error', message: 'a text' }],
    [undefined, { code: 'handler_error', message: 'undefined' }],
    [Object.create(null), { code: 'handler_error', message: 'something that cannot be printed' }],
    [new Error('nul \u0000 and \ud800'), { code: 'handler_error', message: 'nul \ufffd and \ufffd' }],
  ])('keeps what is usable of %o', (cause, expected) => {
    expect(taskErrorOf(cause)).toEqual(expected);
  });

  it('cuts a long message', () => {
    expect(taskErrorOf(new Error('x'.repeat(100_000))).message).toHaveLength(8_192);
  });
});
