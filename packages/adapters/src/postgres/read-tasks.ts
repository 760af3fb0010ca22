import type { TaskWithAttempts, TaskWithLog } from '@navette/domain';
import { endedAttemptsJson, type TaskWithAttemptsRow, taskWithAttemptsOfRow } from './attempt-row.ts';
import type { BoundedPool } from './bounded-pool.ts';
import { inOrderOf } from './shared-reads.ts';
import { statement } from './statement.ts';
import { taskColumnsOf } from './task-row.ts';

/** One statement, so that all that is read of a task is of the same moment. */
const readText = (furtherColumns = '') => `
select ${taskColumnsOf('t')}, t.worker, (select w.name from $schema.workers w where w.id = t.worker) as worker_name,
  (select ${endedAttemptsJson} from $schema.attempts a left join $schema.workers w on w.id = a.worker
   where a.task_id = t.id) as ended${furtherColumns}
from $schema.tasks t where t.id = any($1::uuid[])`;

/** SQL for the `seq` of the last line of the log of a task `t`. */
export const logSeqOfTask = 'coalesce((select max(l.seq) from $schema.task_logs l where l.task_id = t.id), 0)';

/** Makes the read of tasks with their attempts, by ids; `undefined` for those that do not exist. */
export function createReadTasks(pool: BoundedPool, schema: string) {
  const read = statement(schema, 'read_tasks', readText());
  return async (ids: readonly string[]): Promise<(TaskWithAttempts | undefined)[]> => {
    return inOrderOf(ids, await pool.runTwice<TaskWithAttemptsRow>(read, [ids]), taskWithAttemptsOfRow);
  };
}

/** Makes the same read with how far the log of each has come. */
export function createReadTasksWithLog(pool: BoundedPool, schema: string) {
  const read = statement(schema, 'read_tasks_with_log', readText(`, ${logSeqOfTask} as log_seq`));
  return async (ids: readonly string[]): Promise<(TaskWithLog | undefined)[]> => {
    const rows = await pool.runTwice<TaskWithAttemptsRow & { readonly log_seq: number }>(read, [ids]);
    return inOrderOf(ids, rows, (row) => ({ task: taskWithAttemptsOfRow(row), logSeq: row.log_seq }));
  };
}
