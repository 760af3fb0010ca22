// What must be taken up soon: ahead of the bulk of low priority, in a queue that all workers consume.
import { priorityRank } from '@navette/domain';

const lastRank = priorityRank('normal');

/** SQL for a row of `navette.tasks`. */
export const urgent = `queue = 'default' and priority <= ${lastRank}`;

/** The same for a task of the audit. @param {import('./audit.mjs').StoredTask | undefined} task */
export function isUrgent(task) {
  return task?.queue === 'default' && task.priority <= lastRank;
}
