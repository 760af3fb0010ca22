import type { Task, TaskWithAttempts } from '../task.ts';
import type { TaskState } from '../task-state.ts';
import type { TaskFilter } from './task-records.ts';

/** How far a task has come; whoever has been told this much has been told all. */
export interface Standing {
  readonly state: TaskState;
  readonly version: number;
  /** `seq` of the last line of its log; 0 without any. */
  readonly logSeq: number;
}

/** A task, and how far its log had come at the same moment. */
export interface TaskWithLog {
  readonly task: TaskWithAttempts;
  /** `seq` of the last line of its log; 0 without any. */
  readonly logSeq: number;
}

/** A task without what may be large in it. */
export type TaskSummary = Omit<Task, 'payload' | 'result'>;

/** Some of the tasks that changed. */
export interface ChangePage {
  readonly tasks: readonly TaskSummary[];
  /** Where the next page starts; `null` at the end. */
  readonly next: string | null;
}

/** Tells what has changed, by what was committed and not by any number that was given out before. */
export interface TaskFeed {
  /** How far one task has come; `undefined` if there is none. Cheap, also for thousands that are asked for at once. */
  standing(taskId: string): Promise<Standing | undefined>;
  /** A task whole, with the end of its log; `undefined` if there is none. Cheap, also for thousands at once. */
  taskWithLog(taskId: string): Promise<TaskWithLog | undefined>;
  /** The tasks with these ids that exist, as they are now, in any order. */
  summaries(taskIds: readonly string[]): Promise<TaskSummary[]>;
  /** Names the present moment: an opaque text, good for {@link changes} for as long as the store exists. */
  position(): Promise<string>;
  /**
   * The tasks that the filter finds as they are now, and whose state, progress or cancellation changed after a position:
   * a change that was committed later is among them, however early its transaction began. Some that had changed shortly
   * before the position may be among them as well. A task that changes while pages are read may be on two of them, or on
   * none: it changes after any position that is taken before the first page, so that nothing is left out by whoever
   * goes on from that one.
   * @throws InvalidQueryError for a position or cursor that no store of this kind made
   */
  changes(after: string, filter: TaskFilter, limit: number, cursor?: string | null): Promise<ChangePage>;
}
