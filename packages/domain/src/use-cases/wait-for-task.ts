import type { AbortSignalLike } from '../abort.ts';
import type { System } from '../ports/system.ts';
import type { TaskEvents } from '../ports/task-events.ts';
import type { TaskRecords } from '../ports/task-records.ts';
import type { TaskWithAttempts } from '../task.ts';
import { isTerminal } from '../task-state.ts';

/** How often a waiter reads the store although no event came, ms: a lost event costs this much. */
const rereadMs = 2_000;
/** How long a waiter waits for its subscription before it reads for the first time, ms. */
const subscribeWithinMs = 500;

/**
 * Waits until a task is over. Resolves with the task as soon as it is terminal, or as it is when `timeoutMs` is up or
 * the signal is raised; with `undefined` if there is no such task.
 */
export type WaitForTask = (
  taskId: string,
  timeoutMs: number,
  signal?: AbortSignalLike,
) => Promise<TaskWithAttempts | undefined>;

/** Makes the use case. */
export function createWaitForTask(deps: {
  readonly records: Pick<TaskRecords, 'get'>;
  readonly events: TaskEvents;
  readonly system: System;
}): WaitForTask {
  const { records, events, system } = deps;
  return async (taskId, timeoutMs, signal) => {
    const deadline = system.monotonicMs() + timeoutMs;
    let wake = () => {};
    let nudged = false;
    const nudge = () => {
      nudged = true;
      wake();
    };
    // Subscribe first, then read: what happens in between is an event already. Events that cannot be had cost the
    // waiter no more than its re-reading.
    const subscription = events
      .subscribe(taskId, (event) => {
        if (event.kind === 'state' && isTerminal(event.state)) nudge();
      })
      .catch(() => () => {});
    await new Promise<void>((resolve) => {
      const cancelTimer = system.after(subscribeWithinMs, resolve);
      void subscription.then(() => {
        cancelTimer();
        resolve();
      });
    });
    signal?.addEventListener('abort', nudge, { once: true });
    try {
      for (;;) {
        nudged = false;
        const task = await records.get(taskId);
        const leftMs = deadline - system.monotonicMs();
        if (!task || isTerminal(task.state) || leftMs <= 0 || signal?.aborted) return task;
        await new Promise<void>((resolve) => {
          if (nudged) return resolve();
          const cancelTimer = system.after(Math.min(rereadMs, leftMs), resolve);
          wake = () => {
            cancelTimer();
            resolve();
          };
        });
      }
    } finally {
      void subscription.then((unsubscribe) => unsubscribe());
      signal?.removeEventListener('abort', nudge);
    }
  };
}
