import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLog } from '../ports/log.ts';
import type { System } from '../ports/system.ts';
import { createLeaseKeeper } from './lease-keeper.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a lease that runs out is told of once, also by a timer that comes a little early', async () => {
  const startedAt = Date.now();
  const system: Pick<System, 'monotonicMs' | 'after'> = {
    monotonicMs: () => Date.now() - startedAt,
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, Math.max(1, delayMs - 2));
      return () => clearTimeout(timer);
    },
  };
  const onLapsed = vi.fn();
  const renew = vi.fn().mockRejectedValue(new Error('away')).mockResolvedValueOnce({ inTime: false, held: [] });
  const keeper = createLeaseKeeper({
    worker: { id: 'w', name: 'w', queues: {}, types: [] },
    upkeep: { renew, release: async () => {} },
    system: system as System,
    log: silentLog,
    times: { leaseMs: 15_000, renewEveryMs: 3_000 },
    onRenewed: () => {},
    onLapsed,
  });
  await keeper.start();
  await vi.advanceTimersByTimeAsync(14_999);
  expect(keeper.isLive()).toBe(true);
  expect(onLapsed).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(keeper.isLive()).toBe(false);
  expect(onLapsed).toHaveBeenCalledTimes(1);
  await keeper.stop();
});
