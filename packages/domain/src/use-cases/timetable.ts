import type { System } from '../ports/system.ts';

/** Work that is done again and again, one time after the other. */
export interface Timetable {
  /** Begins at once; a second call does nothing. */
  start(): void;
  /** Something may be due earlier than known. */
  nudge(): void;
  /** Resolves when what is under way has ended; nothing else is begun. */
  stop(): Promise<void>;
}

/** What a timetable needs. */
export interface TimetableDeps {
  readonly system: Pick<System, 'after' | 'monotonicMs'>;
  /** Answers how long (ms) until it is due again. Never rejects. */
  readonly work: () => Promise<number>;
  /** Nudges come by the hundred; from one beginning to the next for their sake, ms. */
  readonly betweenMs: number;
}

/** Makes one; a nudge never makes later what is known to be due. */
export function createTimetable({ system, work, betweenMs }: TimetableDeps): Timetable {
  let started = false;
  let stopped = false;
  let nudged = false;
  let busy: Promise<void> | undefined;
  let cancelTimer = () => {};
  let beganAt = Number.NEGATIVE_INFINITY;
  let nextAt = Number.POSITIVE_INFINITY;

  const schedule = (delayMs: number) => {
    if (stopped) return;
    cancelTimer();
    nextAt = system.monotonicMs() + delayMs;
    cancelTimer = system.after(delayMs, () => {
      nudged = false;
      beganAt = system.monotonicMs();
      busy = work().then((nextMs) => {
        busy = undefined;
        schedule(nextMs);
        if (nudged) scheduleNudged();
      });
    });
  };

  const scheduleNudged = () => {
    const at = Math.max(system.monotonicMs(), beganAt + betweenMs);
    if (at < nextAt) schedule(at - system.monotonicMs());
  };

  return {
    start: () => {
      if (started) return;
      started = true;
      schedule(0);
    },
    nudge: () => {
      if (!started || nudged) return;
      nudged = true;
      if (!busy) scheduleNudged();
    },
    stop: async () => {
      stopped = true;
      cancelTimer();
      await busy;
    },
  };
}
