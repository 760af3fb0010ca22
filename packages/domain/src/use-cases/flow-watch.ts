import type { Log } from '../ports/log.ts';
import type { System } from '../ports/system.ts';
import type { TaskRecords } from '../ports/task-records.ts';

/** A queue in which work waits while this worker, with room for it, starts none. */
export interface StalledQueue {
  readonly queue: string;
  /** How long its longest-waiting task has been there, ms. */
  readonly waitedMs: number;
}

/** Notices that work waits and nothing flows, whatever the reason: no error need have been seen. */
export interface FlowWatch {
  start(): void;
  stop(): void;
  /** An attempt of the queue starts here. The answer: it has ended. */
  enter(queue: string): () => void;
  /** The queues that are stalled now. */
  stalled(): readonly StalledQueue[];
}

/** What a watch needs. */
export interface FlowWatchDeps {
  readonly records: Pick<TaskRecords, 'waiting'>;
  readonly system: System;
  readonly log: Log;
  /** Concurrency by queue. */
  readonly queues: Readonly<Record<string, number>>;
  /** The types the worker knows: what it cannot run may wait for others. */
  readonly types: readonly string[];
  /** Whether the worker may claim at all. */
  readonly mayClaim: () => boolean;
}

const lookEveryMs = 5_000;
/** Work that waits so long, and for so long nothing of it started: that is no busy moment, ms. */
export const stallAfterMs = 30_000;

/** Makes a watch. It costs one small query every 5 s. */
export function createFlowWatch({ records, system, log, queues, types, mayClaim }: FlowWatchDeps): FlowWatch {
  const names = Object.keys(queues);
  const running = new Map<string, number>();
  /** Since when each queue has had room and started nothing, on the monotonic clock. */
  const quietSince = new Map<string, number>();
  let stalled: readonly StalledQueue[] = [];
  let stopped = false;
  let cancelTimer = () => {};

  const hasRoom = (queue: string) => mayClaim() && (running.get(queue) ?? 0) < (queues[queue] ?? 0);

  const look = async () => {
    const now = system.monotonicMs();
    for (const queue of names) if (!hasRoom(queue)) quietSince.set(queue, now);
    const quiet = names.filter((queue) => now - (quietSince.get(queue) ?? now) >= stallAfterMs);
    const waiting = quiet.length === 0 ? [] : await records.waiting(quiet, types);
    const found = waiting
      .filter(({ queue, waitedMs }) => waitedMs >= stallAfterMs && quiet.includes(queue))
      .map(({ queue, waitedMs }) => ({ queue, waitedMs }));
    for (const each of found) {
      if (!stalled.some(({ queue }) => queue === each.queue)) log.warn(each, 'work waits and none of it is started');
    }
    stalled = found;
  };

  const lookLater = () => {
    cancelTimer = system.after(lookEveryMs, () => {
      look()
        .catch((error: unknown) => log.debug({ err: error }, 'could not look at what waits'))
        .then(() => {
          if (!stopped) lookLater();
        });
    });
  };

  return {
    start: () => {
      for (const queue of names) quietSince.set(queue, system.monotonicMs());
      lookLater();
    },
    stop: () => {
      stopped = true;
      cancelTimer();
    },
    enter: (queue) => {
      quietSince.set(queue, system.monotonicMs());
      running.set(queue, (running.get(queue) ?? 0) + 1);
      return () => void running.set(queue, (running.get(queue) ?? 1) - 1);
    },
    // A start since the last look ends it at once.
    stalled: () => stalled.filter(({ queue }) => system.monotonicMs() - (quietSince.get(queue) ?? 0) >= stallAfterMs),
  };
}
