import type { TaskWithAttempts } from '@navette/domain';
import { endedAttemptsJson, type TaskWithAttemptsRow, taskWithAttemptsOfRow } from './attempt-row.ts';
import type { BoundedPool } from './bounded-pool.ts';
import { statement } from './statement.ts';
import { taskColumnsOf } from './task-row.ts';

/** Makes the read of tasks with their attempts, by ids; `undefined` for those that do not exist. */
export function createReadTasks(pool: BoundedPool, schema: string) {
  // One statement, so that a task and its attempts are of the same moment.
  const read = statement(
    schema,
    'read_tasks',
    `
select ${taskColumnsOf('t')}, t.worker, (select w.name from $schema.workers w where w.id = t.worker) as worker_name,
  (select ${endedAttemptsJson} from $schema.attempts a left join $schema.workers w on w.id = a.worker
   where a.task_id = t.id) as ended
from $schema.tasks t where t.id = any($1::uuid[])`,
  );
  return async (ids: readonly string[]): Promise<(TaskWithAttempts | undefined)[]> => {
    const rows = await pool.runTwice<TaskWithAttemptsRow>(read, [ids]);
    const byId = new Map(rows.map((row) => [row.id, taskWithAttemptsOfRow(row)]));
    return ids.map((id) => byId.get(id));
  };
}
