import type { TaskState } from '../task-state.ts';

/** That something changed: a hint to read the store, never the truth itself. */
export type TaskEvent =
  | { readonly kind: 'state'; readonly taskId: string; readonly state: TaskState }
  | { readonly kind: 'progress' | 'log' | 'cancel'; readonly taskId: string };

/** Carries hints between processes. May lose any of them; whoever waits re-reads now and then. */
export interface TaskEvents {
  /** Sends, soon and in batches. Never throws, never blocks. */
  publish(events: readonly TaskEvent[]): void;
  /** Listens to one task, or to all (`undefined`). Resolves when listening; the answer ends it. */
  subscribe(taskId: string | undefined, listener: (event: TaskEvent) => void): Promise<() => void>;
  close(): Promise<void>;
}
