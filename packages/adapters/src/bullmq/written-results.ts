import { createTally } from './tally.ts';

/** Results that are being written, while the slots of their attempts go to others. */
export interface WrittenResults {
  /** One more is being written: its slot is left at once if fewer than the limit are, otherwise when an earlier one has been. */
  begin(leaveSlot: () => void): void;
  /** One has been written. */
  end(): void;
  /** Resolves when none is being written. */
  idle(): Promise<void>;
}

/** Makes the count. @param limit so many may be written without a slot */
export function createWrittenResults(limit: number): WrittenResults {
  const written = createTally();
  const waiting: (() => void)[] = [];
  return {
    begin: (leaveSlot) => {
      written.enter();
      if (written.count <= limit) leaveSlot();
      else waiting.push(leaveSlot);
    },
    end: () => {
      written.leave();
      waiting.shift()?.();
    },
    idle: written.idle,
  };
}
