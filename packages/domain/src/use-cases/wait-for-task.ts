import type { AbortSignalLike } from '../abort.ts';
import { StoreUnavailableError } from '../errors.ts';
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

/** Until a store that is away is asked again, ms. */
const patienceMs = 1_000;

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
    const isTime = () => leftMs() <= 0 || signal?.aborted === true;
    /**
     * The answer, or how long to wait for news, ms. A function of its own, so that a task that is not over is not kept
     * meanwhile. A store that goes away is waited for.
     */
    const look = async (isFirst: boolean) => {
      try {
        const task = await records.get(taskId);
        return !task || isTerminal(task.state) || isTime() ? { task } : leftMs();
      } catch (error) {
        if (isFirst || isTime() || !(error instanceof StoreUnavailableError)) throw error;
        return Math.min(patienceMs, leftMs());
      }
    };
    try {
      for (let isFirst = true; ; isFirst = false) {
        const answer = await look(isFirst);
        if (typeof answer === 'object') return answer.task;
        await watcher.news(answer, signal);
      }
    } finally {
      watcher.close();
    }
  };
}
