import type { TaskFilter } from './ports/task-records.ts';
import { isTerminal, type TaskState, taskStates } from './task-state.ts';

/** What a mass action does to each of its tasks. */
export const operationActions = ['cancel', 'retry'] as const;

/** What a mass action does to each of its tasks. */
export type OperationAction = (typeof operationActions)[number];

/** How far a mass action has come: `completed` when the last task it can find has been seen, `stopped` on request. */
export const operationStates = ['running', 'completed', 'stopped'] as const;

/** How far a mass action has come. */
export type OperationState = (typeof operationStates)[number];

/** The limits and the default of its pace, tasks per second. */
export const operationPace = { least: 1, most: 10_000, default: 100 } as const;

/** Why something could not be done to a task: the code of the error that the same call for this task alone would give. */
export type OperationFailure = 'invalid_transition' | 'task_not_found';

/** A mass action: one thing done to every task that a filter finds, each at most once. */
export interface Operation {
  readonly id: string;
  readonly action: OperationAction;
  /** As it was given; the action leaves out what it could not be done to. */
  readonly filter: TaskFilter;
  readonly state: OperationState;
  /** How many tasks there were to do when it began. */
  readonly total: number;
  /** How many were cancelled, asked to stop, or queued again. */
  readonly done: number;
  /** How many it found but could not do. */
  readonly failed: number;
  /** Why not, with how many: they ended or were retried in that very moment, or were pruned. */
  readonly failures: Readonly<Partial<Record<OperationFailure, number>>>;
  readonly perSecond: number;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** The states from which an action is legal. */
export function operableStates(action: OperationAction): TaskState[] {
  return taskStates.filter((state) => isTerminal(state) === (action === 'retry'));
}

/** The filter, narrowed to what the action can be done to; no states are left where there is nothing. */
export function operableFilter(action: OperationAction, filter: TaskFilter): TaskFilter {
  return { ...filter, states: operableStates(action).filter((state) => filter.states?.includes(state) ?? true) };
}

/** Whether a filter finds every task. */
export function isEmptyFilter(filter: TaskFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}
