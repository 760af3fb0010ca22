import { type ControlAnswer, isTerminal, type Task, type TaskControl } from '@navette/domain';
import { copyOf, type Row, type Table } from './table.ts';

/** What people ask for, done to a row of a table at once. */
export function createMoves(table: Table) {
  const change = (row: Row, changes: Partial<Task>): ControlAnswer => {
    table.change(row, changes);
    return { kind: 'done', task: copyOf(row) };
  };
  const refuse = (row: Row): ControlAnswer => ({ kind: 'refused', task: copyOf(row) });

  const cancel = (row: Row): ControlAnswer => {
    const { state, cancellation } = row.task;
    if (state === 'cancelled') return { kind: 'done', task: copyOf(row) };
    if (isTerminal(state)) return refuse(row);
    const requestedAt = table.now();
    if (state !== 'running') {
      return change(row, { state: 'cancelled', cancellation: { requestedAt, outcome: 'acknowledged' } });
    }
    if (!cancellation) table.change(row, { cancellation: { requestedAt, outcome: null } });
    return { kind: 'requested', task: copyOf(row) };
  };

  const retry = (row: Row): ControlAnswer => {
    if (!isTerminal(row.task.state)) return refuse(row);
    return change(row, {
      state: 'queued',
      dispatch: row.task.dispatch + 1,
      spent: 0,
      runAt: null,
      expiresAt: null,
      finishedAt: null,
      result: null,
      error: null,
      progress: null,
      cancellation: null,
    });
  };

  const promote = (row: Row): ControlAnswer => {
    const waits = row.task.state === 'scheduled' || row.task.state === 'retrying';
    return waits ? change(row, { state: 'queued', runAt: null }) : refuse(row);
  };

  return { cancel, retry, promote };
}

/** Makes the role `control` over a table. */
export function createTaskControl(table: Table): TaskControl {
  const { cancel, retry, promote } = createMoves(table);
  const onRow = (act: (row: Row) => ControlAnswer) => async (taskId: string) => {
    const row = table.rows.get(taskId);
    return row && act(row);
  };

  return {
    cancel: onRow(cancel),
    retry: onRow(retry),
    promote: onRow(promote),
    setPaused: async (queue, paused) => {
      if (paused) table.paused.add(queue);
      else table.paused.delete(queue);
    },
    pausedQueues: async () => [...table.paused].sort(),
  };
}
