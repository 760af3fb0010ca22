import type { ClaimedAttempt, Settlement } from './attempts.ts';

/**
 * Is told of every attempt that ends in this process, once that is settled: how it ended (`superseded`: nothing was
 * written, another attempt had taken its place) and how long its handler ran, ms. Must be quick, and never throw.
 */
export type AttemptObserver = (
  attempt: ClaimedAttempt,
  outcome: Settlement['outcome'] | 'superseded',
  ranMs: number,
) => void;
