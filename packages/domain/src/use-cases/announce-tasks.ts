import type { Log } from '../ports/log.ts';
import type { TaskBroker } from '../ports/task-broker.ts';
import type { TaskEvents } from '../ports/task-events.ts';
import type { CommittedTask } from '../ports/transactions.ts';

/** What announcing needs. */
export interface AnnounceTasksDeps {
  readonly broker: TaskBroker;
  readonly events: TaskEvents;
  readonly log: Log;
  /** Told of each of them: a hint for those who follow in this process. */
  readonly noticed?: (taskId: string) => void;
}

/**
 * Tells of tasks that have been committed: hands the queued ones to the broker. Resolves when it has them, or has failed
 * to take them; never rejects. Nothing that was accepted depends on it: the steward mends what goes wrong.
 */
export type AnnounceTasks = (tasks: readonly CommittedTask[]) => Promise<void>;

/** Makes the call. */
export function createAnnounceTasks({ broker, events, log, noticed }: AnnounceTasksDeps): AnnounceTasks {
  return async (tasks) => {
    if (noticed) for (const { id } of tasks) noticed(id);
    const scheduled = tasks.filter(({ state }) => state === 'scheduled');
    // A worker's steward looks for what is due next when it hears of a scheduled task.
    if (scheduled.length > 0)
      events.publish(scheduled.map(({ id: taskId, state }) => ({ kind: 'state', taskId, state })));
    const queued = tasks.filter(({ state }) => state === 'queued');
    if (queued.length === 0) return;
    try {
      await broker.dispatch(
        queued.map(({ id: taskId, dispatch, queue, priority }) => ({ taskId, dispatch, queue, priority })),
      );
    } catch (error) {
      log.debug({ err: error, tasks: queued.length }, 'a hand-over failed, the steward will mend it');
    }
  };
}
