import {
  type AttemptRef,
  findJsonProblem,
  isTerminal,
  type SettleAnswer,
  type Settlement,
  type TaskState,
} from '@navette/domain';
import type { BoundedPool } from './bounded-pool.ts';
import { batchJson, type Prepared } from './prepared.ts';
import { foundBy, type Statement, statement } from './statement.ts';

/**
 * Writes what a settlement asks for as the object that the statement reads, which knows whether the task is to be
 * cancelled. A result that cannot be stored is a failure, for good. Written by hand: the fields that every settlement
 * has need no escapes, and there are tens of thousands a second.
 */
export function settlingJson(ref: AttemptRef, settlement: Settlement): string {
  switch (settlement.outcome) {
    case 'completed': {
      const problem = findJsonProblem(settlement.result);
      if (!problem) return written(ref, 'completed', 'completed', true, { result: settlement.result });
      const message = `the result ${problem.pointer ? `at ${problem.pointer} ` : ''}${problem.detail}`;
      return written(ref, 'failed', 'failed', true, { error_code: 'invalid_result', error_message: message });
    }
    case 'failed':
    case 'timed_out': {
      const { outcome, error, next } = settlement;
      const delay = next === 'retrying' ? { delay_ms: settlement.delayMs } : {};
      return written(ref, outcome, next, true, { error_code: error.code, error_message: error.message, ...delay });
    }
    case 'cancelled':
      return written(ref, 'cancelled', 'queued', false, { cancellation: settlement.cancellation });
    case 'interrupted': {
      const { delayMs } = settlement;
      if (delayMs === undefined) return written(ref, 'interrupted', 'queued', false, {});
      return written(ref, 'interrupted', 'retrying', false, { delay_ms: delayMs });
    }
  }
}

/** @param counted whether it counts against `maxAttempts` */
function written(
  { taskId, attempt, worker }: AttemptRef,
  outcome: Settlement['outcome'],
  next: 'completed' | 'failed' | 'retrying' | 'queued',
  counted: boolean,
  more: object,
): string {
  const always = `"id":"${taskId}","attempt":${attempt},"worker":"${worker}","outcome":"${outcome}","next":"${next}"`;
  const rest = JSON.stringify(more).slice(1, -1);
  return `{${always},"counted":${counted}${rest && ','}${rest}}`;
}

const requested = 't.cancel_requested_at is not null';
// A request to cancel overrules whatever would leave the task open.
const overruled = `(${requested} and s.next in ('retrying', 'queued'))`;
const goesOn = `(not ${requested} and s.next in ('retrying', 'queued'))`;
const queuedAgain = `(not ${requested} and s.next = 'queued')`;

// Most tasks are completed: those are only counted, so that a large batch has a short answer.
// The attempt's row is written from the rows that the update returned, so never for an attempt that was not settled.
// The state is compared as an expression, so that no index on it is considered: the tasks are found by their ids.
function settleStatement(schema: string): Statement {
  return statement(
    schema,
    'settle',
    `
with asked as materialized (
  select * from json_to_recordset($1) as s(
    id uuid, attempt integer, worker uuid, outcome text, next text, counted boolean, result json,
    error_code text, error_message text, delay_ms float8, cancellation text
  )
), settled as (
  update $schema.tasks t set
    state = case when ${overruled} then 'cancelled' else s.next end,
    spent = case when s.counted then t.spent + 1 else t.spent end,
    result = case when s.next = 'completed' then s.result else t.result end,
    error_code = case when s.counted then s.error_code else t.error_code end,
    error_message = case when s.counted then s.error_message else t.error_message end,
    run_at = case when ${goesOn} and s.next = 'retrying' then now() + s.delay_ms * interval '1 ms' else t.run_at end,
    finished_at = case when not ${goesOn} then now() end,
    dispatch = case when ${goesOn} then t.dispatch + 1 else t.dispatch end,
    dispatched_at = case when ${goesOn} then now() else t.dispatched_at end,
    confirmed = case when ${goesOn} then false else t.confirmed end,
    ready_seq = case when ${queuedAgain} then nextval('$schema.ready_seq') else t.ready_seq end,
    queued_at = case when ${queuedAgain} then now() else t.queued_at end,
    cancel_outcome = case
      when ${overruled} then coalesce(s.cancellation, 'acknowledged')
      when ${requested} then 'too_late'
    end,
    worker = null,
    version = t.version + 1
  from asked s
  where ${foundBy('t.id', 's.id')} and t.attempt = s.attempt and t.worker = s.worker and (t.state || '') = 'running'
  returning t.id, t.state, t.dispatch, t.attempt, s.worker, t.started_at, s.error_code, s.error_message,
    case when s.outcome = 'cancelled' and not ${requested} then 'interrupted' else s.outcome end as outcome
), recorded as (
  insert into $schema.attempts
    (task_id, number, outcome, worker, started_at, finished_at, error_code, error_message)
  select id, attempt, outcome, worker, started_at, now(), error_code, error_message from settled
)
select count(*)::integer as settled,
  json_agg(json_build_array(id, state, dispatch)) filter (where state <> 'completed') as others
from settled`,
  );
}

// What is settled already, by the same worker.
function settledBeforeStatement(schema: string): Statement {
  return statement(
    schema,
    'settled_before',
    `
select t.id, t.state, t.dispatch
from json_to_recordset($1) as s(id uuid, attempt integer, worker uuid)
join $schema.attempts a on ${foundBy('a.task_id', 's.id')} and ${foundBy('a.number', 's.attempt')} and a.worker = s.worker and a.outcome <> 'lost'
join $schema.tasks t on ${foundBy('t.id', 's.id')}`,
  );
}

/** What the statement tells of a batch. */
interface SettledRow {
  readonly settled: number;
  /** Those that are not completed. */
  readonly others: readonly (readonly [id: string, state: TaskState, dispatch: number])[] | null;
}

interface SettledBeforeRow {
  readonly id: string;
  readonly state: TaskState;
  readonly dispatch: number;
}

/** Makes the write of settlements; a batch names each task at most once. */
export function createSettleAttempts(pool: BoundedPool, schema: string) {
  const settle = settleStatement(schema);
  const settledBefore = settledBeforeStatement(schema);

  /** What is settled already: just now, or before, by a settlement whose answer was lost. */
  const readSettled = (refs: readonly AttemptRef[]) => {
    const asked = refs.map(({ taskId, attempt, worker }) => ({ id: taskId, attempt, worker }));
    return pool.runTwice<SettledBeforeRow>(settledBefore, [JSON.stringify(asked)]);
  };

  return async (batch: readonly Prepared<AttemptRef>[]): Promise<SettleAnswer[]> => {
    const [row] = await pool.runTwice<SettledRow>(settle, [batchJson(batch)]);
    const answers = new Map(row?.others?.map(([id, state, dispatch]) => [id, answerOf(state, dispatch)]));
    const allSettled = row?.settled === batch.length;
    if (!allSettled) {
      const unknown = batch.map(({ of }) => of).filter(({ taskId }) => !answers.has(taskId));
      for (const { id, state, dispatch } of await readSettled(unknown)) answers.set(id, answerOf(state, dispatch));
    }
    const unnamed: SettleAnswer = allSettled ? { kind: 'settled', state: 'completed' } : { kind: 'superseded' };
    return batch.map(({ of }) => answers.get(of.taskId) ?? unnamed);
  };
}

function answerOf(state: TaskState, dispatch: number): SettleAnswer {
  return isTerminal(state) ? { kind: 'settled', state } : { kind: 'settled', state, dispatch };
}
