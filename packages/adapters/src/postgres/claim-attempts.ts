import { type ClaimAnswer, type Claimant, isTerminal, type TaskState } from '@navette/domain';
import type { BoundedPool } from './bounded-pool.ts';
import { type ClaimedRow, claimedColumns, claimedOfRow } from './claimed-row.ts';
import { foundBy, type Statement, statement } from './statement.ts';

/** One claim of a batch. */
export interface Claim {
  readonly claimant: Claimant;
  readonly taskId: string;
  readonly dispatch: number;
}

/** SQL for what starting an attempt writes to `tasks t`; the clock is read when the row is held. */
export const started = (worker: string) => `
    state = 'running', attempt = t.attempt + 1, worker = ${worker}, started_at = clock_timestamp(),
    version = t.version + 1`;

/** SQL for whether `tasks t` has not expired. */
export const unexpired = '(t.expires_at is null or t.expires_at > now())';

// The state is compared as an expression, so that no index on it is considered: the tasks are found by their ids.
function claimStatement(schema: string): Statement {
  return statement(
    schema,
    'claim',
    `
with asked as materialized (
  select * from json_to_recordset($1) as a(id uuid, dispatch integer, worker uuid)
), free as materialized (
  select t.id, a.worker
  from asked a join $schema.tasks t on ${foundBy('t.id', 'a.id')}
  where t.dispatch = a.dispatch and (t.state || '') = 'queued' and (a.worker || ' ' || t.type) = any($2::text[])
    and ${unexpired}
    and not exists (select from $schema.queues q where q.name = t.queue and q.paused)
  for update of t skip locked
)
update $schema.tasks t set ${started('f.worker')}
from free f where ${foundBy('t.id', 'f.id')}
returning ${claimedColumns}`,
  );
}

// Why a claim was not granted.
function refusedStatement(schema: string): Statement {
  return statement(
    schema,
    'claim_refused',
    `
select ${claimedColumns}, t.state, t.expires_at <= now() as expired,
  exists (select from $schema.queues q where q.name = t.queue and q.paused) as paused,
  extract(epoch from t.run_at - now()) * 1000 as due_in_ms,
  extract(epoch from w.lease_until - now()) * 1000 as lease_ms
from $schema.tasks t left join $schema.workers w on w.id = t.worker
where t.id = any($1::uuid[])`,
  );
}

type RefusedRow = ClaimedRow & {
  readonly state: TaskState;
  readonly expired: boolean | null;
  readonly paused: boolean;
  readonly due_in_ms: string | null;
  readonly lease_ms: string | null;
};

/** Until a paused queue or an unknown type is asked for again, ms. */
const notYetMs = 5_000;
/** Until a task whose row was just being written is asked for again, ms. */
const busyMs = 100;
/** A lease, or a task that is due later, is not asked for again sooner than this, ms. */
const leastDelayMs = 1_000;

/** Makes the write of claims; a batch names each task at most once. */
export function createClaimAttempts(pool: BoundedPool, schema: string) {
  const claim = claimStatement(schema);
  const refused = refusedStatement(schema);
  return async (claims: readonly Claim[]): Promise<ClaimAnswer[]> => {
    const asked = claims.map(({ claimant, taskId, dispatch }) => ({ id: taskId, dispatch, worker: claimant.worker }));
    const granted = await pool.runTwice<ClaimedRow>(claim, [JSON.stringify(asked), runnable(claims)]);
    const rows = new Map(granted.map((row) => [row.id, row]));
    const others = asked.filter(({ id }) => !rows.has(id)).map(({ id }) => id);
    const found = others.length === 0 ? [] : await pool.runTwice<RefusedRow>(refused, [others]);
    const reasons = new Map(found.map((row) => [row.id, row]));
    return claims.map((each) => {
      const row = rows.get(each.taskId);
      return row ? { kind: 'granted', attempt: claimedOfRow(row, row) } : refusal(each, reasons.get(each.taskId));
    });
  };
}

/** Which worker can run which type, as the claim statement compares it. */
function runnable(claims: readonly Claim[]): string[] {
  const claimants = new Map(claims.map(({ claimant }) => [claimant.worker, claimant]));
  return [...claimants.values()].flatMap(({ worker, types }) => types.map((type) => `${worker} ${type}`));
}

function refusal({ claimant, dispatch }: Claim, row: RefusedRow | undefined): ClaimAnswer {
  if (!row || row.dispatch !== dispatch || isTerminal(row.state)) return { kind: 'superseded' };
  if (row.state === 'running') {
    // Its answer had been lost.
    if (row.worker === claimant.worker) return { kind: 'granted', attempt: claimedOfRow(row, row) };
    return { kind: 'heldByLive', delayMs: delayOf(row.lease_ms) };
  }
  if (row.expired) return { kind: 'expired' };
  if (row.state !== 'queued') return { kind: 'notYet', delayMs: delayOf(row.due_in_ms) };
  const isBusy = !row.paused && claimant.types.includes(row.type);
  return { kind: 'notYet', delayMs: isBusy ? busyMs : notYetMs };
}

function delayOf(ms: string | null): number {
  return Math.max(leastDelayMs, Math.ceil(Number(ms ?? 0)));
}
