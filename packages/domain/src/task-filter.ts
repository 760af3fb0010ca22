import type { TaskSummary } from './ports/task-feed.ts';
import type { TaskFilter } from './ports/task-records.ts';

/** Whether a filter finds a task. */
export function matchesFilter(task: TaskSummary, filter: TaskFilter): boolean {
  return (
    (filter.states === undefined || filter.states.includes(task.state)) &&
    (filter.type === undefined || task.type === filter.type) &&
    (filter.queue === undefined || task.queue === filter.queue) &&
    (filter.tag === undefined || task.tags.includes(filter.tag)) &&
    (filter.errorCode === undefined || task.error?.code === filter.errorCode) &&
    isWithin(task.submittedAt, filter.submittedAfter, filter.submittedBefore) &&
    isWithin(task.finishedAt, filter.finishedAfter, filter.finishedBefore)
  );
}

function isWithin(moment: Date | null, after: Date | undefined, before: Date | undefined): boolean {
  return (
    (after === undefined || (moment !== null && moment >= after)) &&
    (before === undefined || (moment !== null && moment < before))
  );
}
