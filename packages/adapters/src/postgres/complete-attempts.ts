import type { AttemptRef, Json, SettleAnswer } from '@navette/domain';
import type { BoundedPool } from './bounded-pool.ts';
import { isOwnAttempt } from './own-attempt.ts';
import { createReadSettled } from './settled-before.ts';
import { type Statement, statement } from './statement.ts';

/** An attempt that completed its task. */
export interface Completion {
  readonly ref: AttemptRef;
  /** As JSON text; `null` for none. */
  readonly result: string | null;
}

/** Prepares one; the result must be one that can be stored. */
export function completionOf(ref: AttemptRef, result: Json): Completion {
  return { ref, result: result === null ? null : JSON.stringify(result) };
}

/** About how many bytes it is on the wire. */
export function completionSize({ result }: Completion): number {
  return 100 + (result?.length ?? 0);
}

// Most settlements by far, so they have a statement that does no more than they need, and reads arrays: of JSON objects
// PostgreSQL makes records for three times the cost. The task's row keeps the worker and so tells its last attempt itself.
function completeStatement(schema: string): Statement {
  return statement(
    schema,
    'complete',
    `
with completed as (
  update $schema.tasks t set
    state = 'completed', spent = t.spent + 1, result = c.result, error_code = null, error_message = null,
    finished_at = now(), cancel_outcome = case when t.cancel_requested_at is not null then 'too_late' end,
    version = t.version + 1
  from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::json[]) as c(id, attempt, worker, result)
  where ${isOwnAttempt('c')}
  returning 1
)
select count(*)::integer as completed from completed`,
  );
}

/** Makes the write of completions; a batch names each task at most once. */
export function createCompleteAttempts(pool: BoundedPool, schema: string) {
  const complete = completeStatement(schema);
  const readSettled = createReadSettled(pool, schema);

  return async (batch: readonly Completion[]): Promise<SettleAnswer[]> => {
    const refs = batch.map(({ ref }) => ref);
    const values = [
      arrayText(refs.map(({ taskId }) => taskId)),
      arrayText(refs.map(({ attempt }) => attempt)),
      arrayText(refs.map(({ worker }) => worker)),
      batch.map(({ result }) => result),
    ];
    const [row] = await pool.runTwice<{ readonly completed: number }>(complete, values);
    if (row?.completed === batch.length) return batch.map(() => ({ kind: 'settled', state: 'completed' }));
    const answers = await readSettled(refs);
    return refs.map(({ taskId }) => answers.get(taskId) ?? { kind: 'superseded' });
  };
}

/** An array as PostgreSQL reads it, of values that need no quotes. */
function arrayText(values: readonly (string | number)[]): string {
  return `{${values.join(',')}}`;
}
