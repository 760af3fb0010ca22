import { type ControlAnswer, isTerminal, type Task, type TaskControl } from '@navette/domain';
import { tasksByIdStatement } from './insert-tasks.ts';
import { statement } from './statement.ts';
import type { StoreParts } from './store-parts.ts';
import { cancelText, promoteText, retryText } from './task-moves.ts';
import { type TaskRow, taskColumnsOf, taskOfRow } from './task-row.ts';
import { isUuid } from './uuid.ts';

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
      const [moved] = await quick.run<TaskRow>(update, [[taskId]]);
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
    cancel: move('cancel', cancelText(taskColumnsOf('t')), cancelOtherwise),
    retry: move('retry', retryText(taskColumnsOf('t')), retryOtherwise),
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
