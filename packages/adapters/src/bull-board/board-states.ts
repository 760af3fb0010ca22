import type { JobStatus } from '@bull-board/api/dist/types.js';
import type { TaskState } from '@navette/domain';

/**
 * The board's tabs and the states each shows. The board knows no `cancelled` or `expired`; both are ends without a
 * result, so they stand under `failed`, where the reason tells them apart and the retry button works.
 */
const statesOfTab: Partial<Record<JobStatus, readonly TaskState[]>> = {
  active: ['running'],
  waiting: ['queued'],
  completed: ['completed'],
  failed: ['failed', 'cancelled', 'expired'],
  delayed: ['scheduled', 'retrying'],
};

/** The tabs that the board shows. */
export const boardTabs = Object.keys(statesOfTab) as JobStatus[];

/** The states behind some tabs. */
export function statesOf(tabs: readonly JobStatus[]): TaskState[] {
  return tabs.flatMap((tab) => statesOfTab[tab] ?? []);
}

/** The tab in which a state is shown. */
export function tabOf(state: TaskState): JobStatus {
  return boardTabs.find((tab) => statesOfTab[tab]?.includes(state)) ?? 'waiting';
}
