import { type AttemptRef, findJsonProblem, type SettleAnswer, type Settlement } from '@navette/domain';
import type { BoundedPool } from './bounded-pool.ts';
import { isOwnAttempt } from './own-attempt.ts';
import { batchJson, type Prepared, prepare } from './prepared.ts';
import { answerOf, createReadSettled, type SettledRow } from './settled-before.ts';
import { type Statement, statement } from './statement.ts';

type Completed = Extract<Settlement, { outcome: 'completed' }>;
/** Every settlement but completion, which has a statement of its own. */
export type OtherSettlement = Exclude<Settlement, Completed>;

/** A result that cannot be stored is a failure, for good. */
export function storable(settlement: Settlement): Settlement {
  if (settlement.outcome !== 'completed') return settlement;
  const problem = findJsonProblem(settlement.result);
  if (!problem) return settlement;
  const message = `the result ${problem.pointer ? `at ${problem.pointer} ` : ''}${problem.detail}`;
  return { outcome: 'failed', error: { code: 'invalid_result', message }, next: 'failed' };
}

/** Prepares what a settlement asks for; the statement knows whether the task is to be cancelled. */
export function settlingOf(ref: AttemptRef, settlement: OtherSettlement): Prepared<AttemptRef> {
  const { taskId: id, attempt, worker } = ref;
  return prepare(ref, { id, attempt, worker, outcome: settlement.outcome, ...askedBy(settlement) });
}

/** `counted`: whether it counts against `maxAttempts`. */
function askedBy(settlement: OtherSettlement): object {
  switch (settlement.outcome) {
    case 'failed':
    case 'timed_out': {
      const { error, next } = settlement;
      const delay = next === 'retrying' ? { delay_ms: settlement.delayMs } : {};
      return { next, counted: true, error_code: error.code, error_message: error.message, ...delay };
    }
    case 'cancelled':
      return { next: 'queued', counted: false, cancellation: settlement.cancellation };
    case 'interrupted': {
      const { delayMs } = settlement;
      if (delayMs === undefined) return { next: 'queued', counted: false };
      return { next: 'retrying', counted: false, delay_ms: delayMs };
    }
  }
}

const requested = 't.cancel_requested_at is not null';
// A request to cancel overrules whatever would leave the task open.
const overruled = `(${requested} and s.next in ('retrying', 'queued'))`;
const goesOn = `(not ${requested} and s.next in ('retrying', 'queued'))`;
const queuedAgain = `(not ${requested} and s.next = 'queued')`;

// The attempt's row is written from the rows that the update returned, so never for an attempt that was not settled.
function settleStatement(schema: string): Statement {
  return statement(
    schema,
    'settle',
    `
with asked as materialized (
  select * from json_to_recordset($1) as s(
    id uuid, attempt integer, worker uuid, outcome text, next text, counted boolean,
    error_code text, error_message text, delay_ms float8, cancellation text
  )
), settled as (
  update $schema.tasks t set
    state = case when ${overruled} then 'cancelled' else s.next end,
    spent = case when s.counted then t.spent + 1 else t.spent end,
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
  where ${isOwnAttempt('s')}
  returning t.id, t.state, t.dispatch, t.attempt, s.worker, t.started_at, s.error_code, s.error_message,
    case when s.outcome = 'cancelled' and not ${requested} then 'interrupted' else s.outcome end as outcome
), recorded as (
  insert into $schema.attempts
    (task_id, number, outcome, worker, started_at, finished_at, error_code, error_message)
  select id, attempt, outcome, worker, started_at, now(), error_code, error_message from settled
)
select id, state, dispatch from settled`,
  );
}

/** Makes the write of settlements; a batch names each task at most once. */
export function createSettleAttempts(pool: BoundedPool, schema: string) {
  const settle = settleStatement(schema);
  const readSettled = createReadSettled(pool, schema);
  return async (batch: readonly Prepared<AttemptRef>[]): Promise<SettleAnswer[]> => {
    const settled = await pool.runTwice<SettledRow>(settle, [batchJson(batch)]);
    const answers = new Map(settled.map((row) => [row.id, answerOf(row)]));
    const others = batch.map(({ of }) => of).filter(({ taskId }) => !answers.has(taskId));
    const before = others.length === 0 ? answers : await readSettled(others);
    return batch.map(({ of }) => answers.get(of.taskId) ?? before.get(of.taskId) ?? { kind: 'superseded' });
  };
}
