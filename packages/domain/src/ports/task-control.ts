import type { Task } from '../task.ts';

/** The answer to a request for a change; `undefined` if there is no such task. */
export type ControlAnswer =
  | { readonly kind: 'done'; readonly task: Task }
  /** A cancel of a running task: noted, and delivered to its worker. */
  | { readonly kind: 'requested'; readonly task: Task }
  /** Not legal in the state the task is in; nothing was written. */
  | { readonly kind: 'refused'; readonly task: Task };

/** What people ask for. */
export interface TaskControl {
  /** Cancels a waiting task at once, asks a running one to stop; `done` also for one that was cancelled already. */
  cancel(taskId: string): Promise<ControlAnswer | undefined>;
  /** Queues a finished task again, with a new dispatch number and nothing spent. */
  retry(taskId: string): Promise<ControlAnswer | undefined>;
  /** Makes a scheduled or retrying task due now. */
  promote(taskId: string): Promise<ControlAnswer | undefined>;
  /** Stops or resumes a queue; claims obey at once. */
  setPaused(queue: string, paused: boolean): Promise<void>;
  /** The queues that are paused. */
  pausedQueues(): Promise<string[]>;
}
