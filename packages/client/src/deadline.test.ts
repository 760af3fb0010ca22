import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDeadline, pause } from './deadline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a deadline', () => {
  it('is raised when the time is up', () => {
    const { signal } = createDeadline(undefined, 10);
    vi.advanceTimersByTime(9);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError', message: 'it took longer than 10 ms' });
  });

  it('can be moved, and be put off for ever', () => {
    const deadline = createDeadline(undefined, 10);
    deadline.within(100);
    vi.advanceTimersByTime(99);
    deadline.within();
    vi.advanceTimersByTime(1_000_000);
    expect(deadline.signal.aborted).toBe(false);
  });

  it('is raised with its parent, and lets go of it', () => {
    const parent = new AbortController();
    const removed = vi.spyOn(parent.signal, 'removeEventListener');
    const ended = createDeadline(parent.signal, 10);
    ended.end();
    expect(removed).toHaveBeenCalledOnce();
    const open = createDeadline(parent.signal);
    parent.abort(new Error('enough'));
    expect(open.signal.reason).toEqual(new Error('enough'));
    expect(createDeadline(parent.signal).signal.reason).toEqual(new Error('enough'));
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a pause', () => {
  it('ends when the time is up, or with its signal', async () => {
    const stop = new AbortController();
    const first = pause(10, stop.signal);
    vi.advanceTimersByTime(10);
    await first;
    const second = pause(10, stop.signal);
    stop.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    await expect(pause(10, stop.signal)).rejects.toThrow('enough');
    expect(vi.getTimerCount()).toBe(0);
  });
});
