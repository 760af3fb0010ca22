import { type ClaimedAttempt, type Json, priorityOfRank, type RetryPolicy } from '@navette/domain';

/** What a claim answers of a task. */
export interface ClaimedRow {
  readonly id: string;
  readonly attempt: number;
  readonly worker: string;
  readonly dispatch: number;
  readonly type: string;
  readonly queue: string;
  readonly priority: number;
  readonly payload: Json;
  readonly max_attempts: number;
  /** As JSON. */
  readonly backoff: string;
  readonly spent: number;
  readonly timeout_ms: number;
}

/** SQL for the columns of a {@link ClaimedRow} that a consumer does not know itself, of `tasks t`. */
export const dequeuedColumns =
  't.id, t.attempt, t.dispatch, t.type, t.priority, t.payload, t.max_attempts, t.backoff::text, t.spent, t.timeout_ms';

/** SQL for the columns of a {@link ClaimedRow}, of `tasks t`. */
export const claimedColumns = `${dequeuedColumns}, t.worker, t.queue`;

/** The attempt of a row. */
export function claimedOfRow(
  row: Omit<ClaimedRow, 'worker' | 'queue'>,
  { worker, queue }: Pick<ClaimedRow, 'worker' | 'queue'>,
): ClaimedAttempt {
  return {
    taskId: row.id,
    attempt: row.attempt,
    worker,
    dispatch: row.dispatch,
    type: row.type,
    queue,
    priority: priorityOfRank(row.priority),
    payload: row.payload,
    retry: retryPolicyOf(row.max_attempts, row.backoff),
    spent: row.spent,
    timeoutMs: row.timeout_ms,
  };
}

// Tasks of a type have the same policy, as a rule: it is read once.
const policies = new Map<string, RetryPolicy>();
const maxPolicies = 100;

function retryPolicyOf(maxAttempts: number, backoff: string): RetryPolicy {
  const known = policies.get(backoff);
  if (known?.maxAttempts === maxAttempts) return known;
  const policy: RetryPolicy = { maxAttempts, backoff: JSON.parse(backoff) };
  if (policies.size === maxPolicies) policies.clear();
  policies.set(backoff, policy);
  return policy;
}
