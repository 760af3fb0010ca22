import { InvalidTransitionError, TaskNotFoundError } from '../errors.ts';
import type { Log } from '../ports/log.ts';
import type { TaskBroker } from '../ports/task-broker.ts';
import type { ControlAnswer, TaskControl } from '../ports/task-control.ts';
import type { TaskEvents } from '../ports/task-events.ts';
import type { Task } from '../task.ts';

/** What people's requests need. */
export interface ControlTaskDeps {
  readonly control: TaskControl;
  readonly broker: TaskBroker;
  readonly events: TaskEvents;
  readonly log: Log;
}

/** What people may ask of a task or a queue. Every call throws `StoreUnavailableError` when the store is away. */
export interface ControlTask {
  /**
   * Cancels a waiting task at once and asks a running one to stop (`requested`).
   * @throws TaskNotFoundError, InvalidTransitionError if it has ended otherwise.
   */
  cancel(taskId: string): Promise<{ readonly task: Task; readonly requested: boolean }>;
  /** Queues a finished task again. @throws TaskNotFoundError, InvalidTransitionError unless it is terminal. */
  retry(taskId: string): Promise<Task>;
  /** Makes a waiting task due now. @throws TaskNotFoundError, InvalidTransitionError unless scheduled or retrying. */
  promote(taskId: string): Promise<Task>;
  /** Stops a queue: what runs goes on, nothing new starts. */
  pause(queue: string): Promise<void>;
  /** Lets a queue go on. */
  resume(queue: string): Promise<void>;
}

/** Makes the use cases cancel, retry, promote, pause and resume. */
export function createControlTask({ control, broker, events, log }: ControlTaskDeps): ControlTask {
  const announce = (task: Task) => events.publish([{ kind: 'state', taskId: task.id, state: task.state }]);

  const handOver = (task: Task) => {
    broker
      .dispatch([{ taskId: task.id, dispatch: task.dispatch, queue: task.queue, priority: task.priority }])
      .catch((error: unknown) =>
        log.debug({ err: error, taskId: task.id }, 'dispatch failed, the steward will mend it'),
      );
  };

  const queueAgain = (answer: ControlAnswer | undefined, taskId: string, action: string): Task => {
    const task = doneOrThrow(answer, taskId, action);
    announce(task);
    handOver(task);
    return task;
  };

  const setPaused = async (queue: string, paused: boolean) => {
    await control.setPaused(queue, paused);
    await broker
      .setPaused(queue, paused)
      .catch((error: unknown) =>
        log.debug({ err: error, queue }, 'the broker did not take the pause, claims obey anyway'),
      );
  };

  return {
    cancel: async (taskId) => {
      const answer = await control.cancel(taskId);
      if (answer?.kind === 'requested') {
        events.publish([{ kind: 'cancel', taskId }]);
        return { task: answer.task, requested: true };
      }
      const task = doneOrThrow(answer, taskId, 'cancelled');
      announce(task);
      return { task, requested: false };
    },
    retry: async (taskId) => queueAgain(await control.retry(taskId), taskId, 'retried'),
    promote: async (taskId) => queueAgain(await control.promote(taskId), taskId, 'promoted'),
    pause: (queue) => setPaused(queue, true),
    resume: (queue) => setPaused(queue, false),
  };
}

function doneOrThrow(answer: ControlAnswer | undefined, taskId: string, action: string): Task {
  if (!answer) throw new TaskNotFoundError(taskId);
  if (answer.kind !== 'done') throw new InvalidTransitionError(action, answer.task.state);
  return answer.task;
}
