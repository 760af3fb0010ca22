import type { Log } from '../ports/log.ts';
import type { System } from '../ports/system.ts';
import type { Renewal, Upkeep, WorkerInfo } from '../ports/upkeep.ts';

/** A worker's lease, and how often it is renewed, ms. */
export interface LeaseTimes {
  readonly leaseMs: number;
  readonly renewEveryMs: number;
}

/** The lease of a worker lasts 15 s and is renewed every 3 s. */
export const defaultLeaseTimes: LeaseTimes = { leaseMs: 15_000, renewEveryMs: 3_000 };

/** After a failed renewal, ms. */
const retryEveryMs = 1_000;

/** Keeps a worker's lease. */
export interface LeaseKeeper {
  /** Resolves once the first renewal has succeeded, however long the store is away. */
  start(): Promise<void>;
  /** Whether the lease is beyond doubt. */
  isLive(): boolean;
  /** Whether renewals have succeeded without a gap for one whole lease. */
  isSettled(): boolean;
  /** The store does not hold the lease for live, whatever is believed here: others get one whole lease to renew theirs. */
  doubt(): void;
  stop(): Promise<void>;
}

/**
 * Makes a keeper. All times are read from a clock that never jumps, and a lease counts from the moment its renewal was
 * sent, so this side never believes in it longer than the store does; unless the store's clock steps forward, or this
 * one stands still while the machine is suspended. The store tells of that: then all leases may have run out at once.
 */
export function createLeaseKeeper(deps: {
  readonly worker: WorkerInfo;
  readonly upkeep: Pick<Upkeep, 'renew' | 'release'>;
  readonly system: System;
  readonly log: Log;
  readonly times: LeaseTimes;
  readonly onRenewed: (renewal: Renewal) => void;
  /** Called once each time the lease runs out. */
  readonly onLapsed: () => void;
}): LeaseKeeper {
  const { worker, upkeep, system, log, times } = deps;
  let stopped = false;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let unbrokenSince = Number.POSITIVE_INFINITY;
  let cancelTimer = () => {};
  let cancelLapse = () => {};
  let renewing: Promise<void> = Promise.resolve();
  let started = () => {};

  const isLive = () => system.monotonicMs() - renewedAt < times.leaseMs;

  const watchLapse = () => {
    cancelLapse();
    cancelLapse = system.after(Math.max(0, times.leaseMs - (system.monotonicMs() - renewedAt)), lapse);
  };

  const lapse = () => {
    if (stopped) return;
    // A timer may come a little early.
    if (isLive()) return watchLapse();
    unbrokenSince = Number.POSITIVE_INFINITY;
    log.warn({ worker: worker.id }, 'could not renew the lease: nothing is claimed until the store answers');
    deps.onLapsed();
  };

  const doubt = () => {
    unbrokenSince = Number.POSITIVE_INFINITY;
    const message = 'the lease had run out by the clock of the store: nobody is judged for a whole lease';
    log.warn({ worker: worker.id }, message);
  };

  /** Renews once; whether that worked. */
  const renew = async (): Promise<boolean> => {
    const sentAt = system.monotonicMs();
    const wasLive = isLive();
    try {
      const renewal = await upkeep.renew(worker, times.leaseMs);
      if (stopped) return true;
      if (wasLive && !renewal.inTime) doubt();
      if (!wasLive || unbrokenSince === Number.POSITIVE_INFINITY) unbrokenSince = sentAt;
      renewedAt = sentAt;
      watchLapse();
      deps.onRenewed(renewal);
      started();
      return true;
    } catch (error) {
      // A gap, however short: the store was away, and others may not have got through to it yet.
      unbrokenSince = Number.POSITIVE_INFINITY;
      log.warn({ err: error, worker: worker.id }, 'could not renew the lease, trying again');
      return false;
    }
  };

  const loop = () => {
    if (stopped) return;
    renewing = renew().then((renewed) => {
      const delayMs = renewed ? times.renewEveryMs : Math.min(retryEveryMs, times.renewEveryMs);
      if (!stopped) cancelTimer = system.after(delayMs, loop);
    });
  };

  return {
    start: () =>
      new Promise<void>((resolve) => {
        started = resolve;
        loop();
      }),
    isLive,
    isSettled: () => isLive() && system.monotonicMs() - unbrokenSince >= times.leaseMs,
    doubt,
    stop: async () => {
      stopped = true;
      cancelTimer();
      cancelLapse();
      started();
      await renewing;
      await upkeep
        .release(worker.id)
        .catch((error: unknown) => log.warn({ err: error, worker: worker.id }, 'could not release the lease'));
    },
  };
}
