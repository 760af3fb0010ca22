import { type AttemptRef, isTerminal, type SettleAnswer, type TaskState } from '@navette/domain';
import type { BoundedPool } from './bounded-pool.ts';
import { foundBy, type Statement, statement } from './statement.ts';

// What is settled already, by the same worker. The attempt that completed a task is told by the task's row.
function settledBeforeStatement(schema: string): Statement {
  return statement(
    schema,
    'settled_before',
    `
select t.id, t.state, t.dispatch
from json_to_recordset($1) as s(id uuid, attempt integer, worker uuid)
join $schema.tasks t on ${foundBy('t.id', 's.id')}
left join $schema.attempts a on ${foundBy('a.task_id', 's.id')} and ${foundBy('a.number', 's.attempt')}
where (a.worker = s.worker and a.outcome <> 'lost')
  or (t.state = 'completed' and t.attempt = s.attempt and t.worker = s.worker)`,
  );
}

/** A task after a settlement. */
export interface SettledRow {
  readonly id: string;
  readonly state: TaskState;
  readonly dispatch: number;
}

/** Makes the read of what is settled already: just now, or before, by a settlement whose answer was lost. By task id. */
export function createReadSettled(pool: BoundedPool, schema: string) {
  const settledBefore = settledBeforeStatement(schema);
  return async (refs: readonly AttemptRef[]): Promise<Map<string, SettleAnswer>> => {
    const asked = refs.map(({ taskId, attempt, worker }) => ({ id: taskId, attempt, worker }));
    const rows = await pool.runTwice<SettledRow>(settledBefore, [JSON.stringify(asked)]);
    return new Map(rows.map((row) => [row.id, answerOf(row)]));
  };
}

/** The answer to it. */
export function answerOf({ state, dispatch }: SettledRow): SettleAnswer {
  return isTerminal(state) ? { kind: 'settled', state } : { kind: 'settled', state, dispatch };
}
