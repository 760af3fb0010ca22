import { isDeepStrictEqual } from 'node:util';
import { type AttemptRef, type Claimant, isTerminal, type Task } from '@navette/domain';
import type { KeptAttempt } from '../../src/memory/table.ts';

/** A task as it was seen at one moment. */
export interface Seen {
  readonly task: Task;
  readonly attempts: readonly KeptAttempt[];
  /** How many attempts there were when a retry was last asked for: those before do not count any more. */
  readonly forgiven: number;
}

/** One change of one task, and the call of the store that made it. */
export interface Change {
  /** Name of the method. */
  readonly cause: string;
  readonly args: readonly unknown[];
  readonly now: Date;
  /** `undefined` for a task that was not there. */
  readonly before: Seen | undefined;
  readonly after: Seen;
  /** Until when each worker's lease holds. */
  readonly leases: ReadonlyMap<string, Date>;
  readonly pausedQueues: ReadonlySet<string>;
}

/** Whether a change is as it should be. */
type Rule = (change: Change) => boolean;

/** Which call may make which moves: the legal moves, and who has the say in each. */
export const movesBy: Readonly<Record<string, readonly string[]>> = {
  claim: ['queued → running'],
  dequeue: ['queued → running'],
  settle: [
    'running → completed',
    'running → failed',
    'running → retrying',
    'running → cancelled', // obeyed, or a request to cancel overruled a retry or a hand-back
    'running → queued', // handed back
  ],
  recoverLost: ['running → queued', 'running → failed', 'running → cancelled'],
  promoteDue: ['scheduled → queued', 'retrying → queued'],
  promote: ['scheduled → queued', 'retrying → queued'],
  expire: ['scheduled → expired', 'queued → expired', 'retrying → expired'],
  cancel: ['scheduled → cancelled', 'queued → cancelled', 'retrying → cancelled'],
  retry: ['completed → queued', 'failed → queued', 'cancelled → queued', 'expired → queued'],
};

/** Which calls may make a task; `commit` ends a transaction in which tasks were inserted. */
const makers = ['insert', 'insertAll', 'commit'];

/** The move that a change made; `undefined` if the state stayed. */
export function moveOf({ before, after }: Pick<Change, 'before' | 'after'>): string | undefined {
  if (!before || before.task.state === after.task.state) return undefined;
  return `${before.task.state} → ${after.task.state}`;
}

const counted: readonly KeptAttempt['outcome'][] = ['completed', 'failed', 'timed_out', 'lost'];
const isPast = (moment: Date | null, now: Date) => moment !== null && moment <= now;
const running = (seen: Seen | undefined) => seen?.attempts.find(({ outcome }) => outcome === 'running');
const starts = (change: Change) => moveOf(change) === 'queued → running';

/** What holds for the account of attempts, at every moment. */
const ofAttempts: Readonly<Record<string, Rule>> = {
  'attempts are numbered from 1, without a gap': ({ after: { task, attempts } }) =>
    attempts.every(({ number }, i) => number === i + 1) && task.attempt === attempts.length,

  'the latest attempt runs while the task is running, and no other ever does': ({ after: { task, attempts } }) =>
    attempts.every(({ outcome }, i) => {
      const mayRun = task.state === 'running' && i === attempts.length - 1;
      return (outcome === 'running') === mayRun;
    }),

  'an attempt that has ended never changes': ({ before, after }) =>
    (before?.attempts ?? []).every(
      (attempt, i) => attempt.outcome === 'running' || isDeepStrictEqual(attempt, after.attempts[i]),
    ),

  'spent is what has counted since a retry was last asked for': ({ after: { task, attempts, forgiven } }) =>
    task.spent === attempts.slice(forgiven).filter(({ outcome }) => counted.includes(outcome)).length,

  'no more is spent than the policy allows': ({ after: { task } }) => task.spent <= task.retry.maxAttempts,
};

/** What holds for the moves of a task. */
const ofMoves: Readonly<Record<string, Rule>> = {
  'only legal moves are made, each by a call that has the say in it': (change) => {
    const { cause, before, after } = change;
    if (!before) return makers.includes(cause) && ['scheduled', 'queued'].includes(after.task.state);
    const move = moveOf(change);
    return move === undefined || (movesBy[cause] ?? []).includes(move);
  },

  'what is over stays as it is until a retry is asked for': ({ cause, before }) =>
    !before || !isTerminal(before.task.state) || cause === 'retry',

  'every change raises the version by one': ({ before, after }) =>
    after.task.version === (before?.task.version ?? 0) + 1,

  'a task that is to be cancelled never waits again': ({ cause, before, after: { task } }) =>
    !before?.task.cancellation ||
    cause === 'retry' ||
    (task.cancellation !== null && (task.state === 'running' || isTerminal(task.state))),

  'a retry that is asked for starts anew': ({ cause, after: { task } }) =>
    cause !== 'retry' ||
    (task.spent === 0 &&
      [task.cancellation, task.result, task.error, task.progress, task.expiresAt, task.runAt].every((v) => v === null)),

  'a task that is handed over anew has a new dispatch number': (change) => {
    const { before, after } = change;
    if (!before) return after.task.dispatch === 1;
    const waited = before.task.state === 'scheduled' || before.task.state === 'retrying';
    const least = moveOf(change)?.endsWith('→ queued') && !waited ? before.task.dispatch + 1 : before.task.dispatch;
    return after.task.dispatch >= least;
  },

  'it has a time of its end exactly when it is over': ({ after: { task } }) =>
    (task.finishedAt !== null) === isTerminal(task.state),
};

/** What holds for whoever makes a change. */
const ofWorkers: Readonly<Record<string, Rule>> = {
  'only the attempt that runs is heard, and only from its worker': ({ cause, args, before }) => {
    if (cause !== 'settle' && cause !== 'progress') return true;
    const { attempt, worker } = args[0] as AttemptRef;
    const present = running(before);
    return present?.number === attempt && present.worker === worker;
  },

  'a result comes from the attempt that completed the task': ({ after: { task, attempts } }) => {
    if (task.state !== 'completed') return task.result === null;
    const { number, worker, outcome } = attempts.at(-1) as KeptAttempt;
    return outcome === 'completed' && isDeepStrictEqual(task.result, { attempt: number, worker });
  },

  'nobody is declared lost while its lease is live': ({ cause, before, leases, now }) =>
    cause !== 'recoverLost' || isPast(leases.get(running(before)?.worker ?? '') ?? new Date(0), now),

  'nobody judges whose own lease has run out': ({ cause, args, leases, now }) =>
    cause !== 'recoverLost' || !isPast(leases.get(args[0] as string) ?? new Date(0), now),

  'nothing starts that is paused, expired or unknown to the worker': (change) => {
    if (!starts(change)) return true;
    const { before, args, pausedQueues, now } = change;
    const { queue, type, expiresAt } = (before as Seen).task;
    return !pausedQueues.has(queue) && !isPast(expiresAt, now) && (args[0] as Claimant).types.includes(type);
  },

  'a claim is granted for the present dispatch only': (change) =>
    change.cause !== 'claim' || !starts(change) || change.args[2] === change.before?.task.dispatch,

  'nothing comes before its time': ({ cause, before, now }) =>
    (cause !== 'promoteDue' || isPast(before?.task.runAt ?? null, now)) &&
    (cause !== 'expire' || isPast(before?.task.expiresAt ?? null, now)),
};

const invariants: Readonly<Record<string, Rule>> = { ...ofAttempts, ...ofMoves, ...ofWorkers };

/** The invariants that a change breaks. */
export function brokenBy(change: Change): string[] {
  return Object.entries(invariants).flatMap(([statement, holds]) => (holds(change) ? [] : [statement]));
}
