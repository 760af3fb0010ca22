import { createTally } from './tally.ts';

/** Attempts whose handler has ended and whose result is being written, while their slots go to others. */
export interface UnsettledAttempts {
  /** A handler has ended. Its slot is left at once if no more than the limit are unsettled, else when an earlier one is settled. */
  ran(leaveSlot: () => void): void;
  /** The result of one has been written. */
  settled(): void;
  /** Resolves when all are settled. */
  idle(): Promise<void>;
}

/** Makes the count. @param limit so many may be unsettled without a slot */
export function createUnsettledAttempts(limit: number): UnsettledAttempts {
  const unsettled = createTally();
  const waiting: (() => void)[] = [];
  return {
    ran: (leaveSlot) => {
      unsettled.enter();
      if (unsettled.count <= limit) leaveSlot();
      else waiting.push(leaveSlot);
    },
    settled: () => {
      unsettled.leave();
      waiting.shift()?.();
    },
    idle: unsettled.idle,
  };
}
