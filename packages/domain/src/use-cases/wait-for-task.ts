import type { AbortSignalLike } from '../abort.ts';
import type { System } from '../ports/system.ts';
import type { TaskRecords } from '../ports/task-records.ts';
import type { TaskWithAttempts } from '../task.ts';
import { isTerminal } from '../task-state.ts';
import type { Interest, TaskWatch } from './task-watch.ts';

/**
 * Waits until a task is over. Resolves with the task as soon as it is terminal, or as it is when `timeoutMs` is up or
 * the signal is raised; with `undefined` if there is no such task.
 */
export type WaitForTask = (
  taskId: string,
  timeoutMs: number,
  signal?: AbortSignalLike,
) => Promise<TaskWithAttempts | undefined>;

const itsEnd: Interest = {
  heard: (event) => event.kind === 'state' && isTerminal(event.state),
  stands: (standing) => standing === undefined || isTerminal(standing.state),
};

/** Makes the use case. */
export function createWaitForTask(deps: {
  readonly records: Pick<TaskRecords, 'get'>;
  readonly watch: TaskWatch;
  readonly system: Pick<System, 'monotonicMs'>;
}): WaitForTask {
  const { records, watch, system } = deps;
  return async (taskId, timeoutMs, signal) => {
    const deadline = system.monotonicMs() + timeoutMs;
    // Watch first, then read: what happens in between is news already.
    const watcher = await watch.open(taskId, itsEnd);
    const leftMs = () => deadline - system.monotonicMs();
    // In a function of its own, so that a task that is not over is not kept while it is waited for.
    const look = async () => {
      const task = await records.get(taskId);
      return !task || isTerminal(task.state) || leftMs() <= 0 || signal?.aborted ? { task } : undefined;
    };
    try {
      for (;;) {
        const answer = await look();
        if (answer) return answer.task;
        await watcher.news(leftMs(), signal);
      }
    } finally {
      watcher.close();
    }
  };
}
