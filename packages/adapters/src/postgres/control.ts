import { type ControlAnswer, isTerminal, type Task, type TaskControl } from '@navette/domain';
import { tasksByIdStatement } from './insert-tasks.ts';
import { entersQueue } from './queue-entry.ts';
import { statement } from './statement.ts';
import type { StoreParts } from './store-parts.ts';
import { heldMarkText, subtractedText } from './tallies.ts';
import { isUuid, type TaskRow, taskColumnsOf, taskOfRow } from './task-row.ts';

const cancelText = `
update $schema.tasks t set
  state = case when t.state = 'running' then t.state else 'cancelled' end,
  finished_at = case when t.state = 'running' then null else now() end,
  cancel_requested_at = now(),
  cancel_outcome = case when t.state = 'running' then null else 'acknowledged' end,
  version = t.version + 1
where t.id = $1 and (
  t.state in ('scheduled', 'queued', 'retrying') or (t.state = 'running' and t.cancel_requested_at is null)
)
returning ${taskColumnsOf('t')}`;

const retryText = `
with ${heldMarkText}, gone as materialized (
  select t.id, t.queue, t.state, t.finished_at from $schema.tasks t
  where t.id = $1 and t.state in ('completed', 'failed', 'cancelled', 'expired')
  for update
), ${subtractedText}
update $schema.tasks t set ${entersQueue},
  dispatch = t.dispatch + 1, spent = 0, run_at = null, expires_at = null, finished_at = null, result = null,
  error_code = null, error_message = null, progress = null, cancel_requested_at = null, cancel_outcome = null,
  version = t.version + 1
from gone where t.id = gone.id
returning ${taskColumnsOf('t')}`;

const promoteText = `
update $schema.tasks t set ${entersQueue}, run_at = null, version = t.version + 1
where t.id = $1 and t.state in ('scheduled', 'retrying')
returning ${taskColumnsOf('t')}`;

/** What a move means that was not made, because of the state the task was in; `undefined`: that has changed since. */
type Otherwise = (task: Task) => ControlAnswer['kind'] | undefined;

const cancelOtherwise: Otherwise = ({ state, cancellation }) => {
  if (state === 'cancelled') return 'done';
  if (isTerminal(state)) return 'refused';
  return state === 'running' && cancellation ? 'requested' : undefined;
};
const retryOtherwise: Otherwise = ({ state }) => (isTerminal(state) ? undefined : 'refused');
const promoteOtherwise: Otherwise = ({ state }) =>
  state === 'scheduled' || state === 'retrying' ? undefined : 'refused';

/** Makes the role `control`. Each move is one statement: where it is not legal it finds no row. */
export function createTaskControl({ quick, db, schema }: StoreParts): TaskControl {
  const byId = tasksByIdStatement(schema);

  const move = (name: string, text: string, otherwise: Otherwise) => {
    const update = statement(schema, name, text);
    const ask = async (taskId: string): Promise<ControlAnswer | undefined> => {
      if (!isUuid(taskId)) return undefined;
      const [moved] = await quick.run<TaskRow>(update, [taskId]);
      // A cancel of a running task is noted, not done.
      if (moved) return { kind: moved.state === 'running' ? 'requested' : 'done', task: taskOfRow(moved) };
      const [row] = await quick.run<TaskRow>(byId, [[taskId]]);
      if (!row) return undefined;
      const task = taskOfRow(row);
      const kind = otherwise(task);
      return kind ? { kind, task } : ask(taskId);
    };
    return ask;
  };

  return {
    cancel: move('cancel', cancelText, cancelOtherwise),
    retry: move('retry', retryText, retryOtherwise),
    promote: move('promote', promoteText, promoteOtherwise),
    setPaused: async (queue, paused) => {
      await db
        .insertInto('queues')
        .values({ name: queue, paused })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ paused }))
        .execute();
    },
    pausedQueues: async () => {
      const rows = await db.selectFrom('queues').select('name').where('paused', '=', true).orderBy('name').execute();
      return rows.map((row) => row.name);
    },
  };
}
