import {
  type AttemptRef,
  type Attempts,
  type ClaimAnswer,
  type Claimant,
  type ClaimedAttempt,
  isTerminal,
  type LogPage,
  type LogQuery,
  type SettleAnswer,
  type Settlement,
} from '@navette/domain';
import { readCursor, writeCursor } from './cursor.ts';
import { endOf } from './settlement.ts';
import { byTurn, isPast, type KeptAttempt, type Row, rowsIn, type Table } from './table.ts';

/** Lines kept of one task's log; further ones are dropped, and one last line says so. */
export const maxLogLines = 1_000;

/** Until a paused queue or an unknown type is asked for again, ms. */
const notYetMs = 5_000;
/** No claim is asked for again sooner than this, ms. */
const leastDelayMs = 1_000;

/** Makes the role `attempts` over a table. */
export function createAttempts(table: Table): Attempts {
  const own = (ref: AttemptRef): Row | undefined => {
    const row = table.rows.get(ref.taskId);
    return row && isOwn(row, ref) ? row : undefined;
  };
  return {
    claim: async (claimant, taskId, dispatch) => claim(table, claimant, table.rows.get(taskId), dispatch),
    settle: async (ref, settlement) => settle(table, ref, settlement),
    progress: async (ref, value) => {
      const row = own(ref);
      if (row) table.change(row, { progress: JSON.parse(JSON.stringify(value)) });
      return row !== undefined;
    },
    log: async (ref, messages) => {
      const row = own(ref);
      for (const message of row ? messages : []) appendLine(row as Row, ref.attempt, message, table.now());
      return row !== undefined;
    },
    logs: async (taskId, query) => pageOfLog(table.rows.get(taskId), query),
  };
}

/** Claims up to `limit` queued tasks of one queue, in their order. */
export function dequeue(table: Table, claimant: Claimant, queue: string, limit: number): ClaimedAttempt[] {
  if (limit <= 0 || table.paused.has(queue)) return [];
  const now = table.now();
  return rowsIn(table, 'queued')
    .filter(({ task }) => task.queue === queue && claimant.types.includes(task.type) && !isPast(task.expiresAt, now))
    .sort(byTurn)
    .slice(0, limit)
    .map((row) => start(table, row, claimant.worker));
}

function claim(table: Table, claimant: Claimant, row: Row | undefined, dispatch: number): ClaimAnswer {
  if (!row || row.task.dispatch !== dispatch || isTerminal(row.task.state)) return { kind: 'superseded' };
  const { task } = row;
  const now = table.now();
  if (task.state === 'running') {
    const attempt = row.attempts.at(-1) as KeptAttempt;
    if (attempt.worker === claimant.worker) return { kind: 'granted', attempt: claimedAttempt(row, attempt) };
    return { kind: 'heldByLive', delayMs: delayUntil(table.leases.get(attempt.worker)?.endsAt, now) };
  }
  if (isPast(task.expiresAt, now)) return { kind: 'expired' };
  if (task.state !== 'queued') return { kind: 'notYet', delayMs: delayUntil(task.runAt, now) };
  if (table.paused.has(task.queue) || !claimant.types.includes(task.type)) {
    return { kind: 'notYet', delayMs: notYetMs };
  }
  return { kind: 'granted', attempt: start(table, row, claimant.worker) };
}

function start(table: Table, row: Row, worker: string): ClaimedAttempt {
  const startedAt = table.now();
  const number = row.task.attempt + 1;
  const attempt: KeptAttempt = { number, outcome: 'running', worker, startedAt, finishedAt: null, error: null };
  table.change(row, { state: 'running', attempt: number, startedAt });
  row.attempts.push(attempt);
  return claimedAttempt(row, attempt);
}

function claimedAttempt({ task }: Row, { number, worker }: KeptAttempt): ClaimedAttempt {
  const { id, dispatch, type, queue, priority, payload, retry, spent, timeoutMs } = task;
  const claimed = { taskId: id, attempt: number, worker, dispatch, type, queue, priority, spent, timeoutMs };
  return { ...claimed, payload: structuredClone(payload), retry: structuredClone(retry) };
}

function settle(table: Table, ref: AttemptRef, settlement: Settlement): SettleAnswer {
  const row = table.rows.get(ref.taskId);
  if (!row || !wasOwn(row, ref)) return { kind: 'superseded' };
  if (isOwn(row, ref)) {
    const end = endOf(row.task, settlement, table.now());
    endAttempt(row, end, table.now());
    table.change(row, end.changes);
  }
  const { state, dispatch } = row.task;
  return isTerminal(state) ? { kind: 'settled', state } : { kind: 'settled', state, dispatch };
}

/** Ends the attempt that runs. */
export function endAttempt(row: Row, end: Pick<KeptAttempt, 'outcome' | 'error'>, finishedAt: Date): void {
  const running = row.attempts.pop() as KeptAttempt;
  row.attempts.push({ ...running, outcome: end.outcome, error: end.error, finishedAt });
}

/** Whether this is the attempt that runs, under that worker. */
function isOwn(row: Row, ref: AttemptRef): boolean {
  return row.task.state === 'running' && row.task.attempt === ref.attempt && row.attempts.at(-1)?.worker === ref.worker;
}

/** Whether that worker runs the attempt, or has ended it itself. */
function wasOwn(row: Row, ref: AttemptRef): boolean {
  const attempt = row.attempts.find(({ number }) => number === ref.attempt);
  return attempt?.worker === ref.worker && attempt.outcome !== 'lost';
}

function delayUntil(moment: Date | null | undefined, now: Date): number {
  return Math.max(leastDelayMs, (moment?.getTime() ?? 0) - now.getTime());
}

function appendLine(row: Row, attempt: number, message: string, at: Date): void {
  const seq = row.log.length + 1;
  if (seq > maxLogLines + 1) return;
  const kept = seq > maxLogLines ? `further lines are dropped: a task keeps ${maxLogLines}` : message;
  row.log.push({ seq, attempt, at, message: kept });
}

function pageOfLog(row: Row | undefined, { limit, cursor, after: start = 0 }: LogQuery): LogPage {
  const lines = row?.log ?? [];
  const [after] = cursor === undefined ? [start] : readCursor('log', cursor, [0]);
  const rest = lines.filter((line) => line.seq > after);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return {
    items: structuredClone(items),
    nextCursor: last && rest.length > limit ? writeCursor('log', [last.seq]) : null,
  };
}
