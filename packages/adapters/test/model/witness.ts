import { isTerminal, type WorkerInfo } from '@navette/domain';
import type { Row, Table } from '../../src/memory/table.ts';
import { brokenBy, moveOf, type Seen } from './invariants.ts';
import type { Look } from './watched-store.ts';

/** Sees every change of every task, and says what was wrong with it. */
export interface Witness {
  /** The tasks as they were last seen, in the order in which they came. */
  readonly tasks: ReadonlyMap<string, Seen>;
  /** How often each move was made, and how often each method of the store changed a task. */
  readonly counts: { readonly moves: Map<string, number>; readonly causes: Map<string, number> };
  /** What was wrong, in plain words. */
  readonly objections: string[];
  /** Until when an idempotency key may not be forgotten, by the task that it stands for. */
  readonly keptUntil: Map<string, Date>;
  readonly look: Look;
}

/** Adds to a count. */
export function count(counts: Map<string, number>, name: string, times = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + times);
}

/** Makes a witness of a table. */
export function createWitness(table: Table): Witness {
  const tasks = new Map<string, Seen>();
  const counts: Witness['counts'] = { moves: new Map(), causes: new Map() };
  const objections: string[] = [];
  const keptUntil = new Map<string, Date>();
  const leases = new Map<string, Date>();
  const pausedQueues = new Set<string>();

  const follow: Look = (cause, args) => {
    if (cause === 'renew') leases.set((args[0] as WorkerInfo).id, new Date(table.now().getTime() + Number(args[1])));
    else if (cause === 'release') leases.delete(args[0] as string);
    else if (cause === 'setPaused') pausedQueues[args[1] ? 'add' : 'delete'](args[0] as string);
  };

  const judge = (cause: string, args: readonly unknown[], row: Row) => {
    const before = tasks.get(row.task.id);
    if (before && isUnchanged(before, row)) return;
    const forgiven = cause === 'retry' ? row.attempts.length : (before?.forgiven ?? 0);
    const after: Seen = { task: row.task, attempts: [...row.attempts], forgiven };
    tasks.set(row.task.id, after);
    const change = { cause, args, now: table.now(), before, after, leases, pausedQueues };
    const move = moveOf(change);
    if (move) count(counts.moves, move);
    count(counts.causes, cause);
    for (const statement of brokenBy(change)) {
      objections.push(`${statement}: ${cause} made ${describeSeen(before)} ${describeSeen(after)}`);
    }
  };

  const judgeEnd = (cause: string, args: readonly unknown[], seen: Seen) => {
    tasks.delete(seen.task.id);
    count(counts.causes, cause);
    const { id, state, finishedAt } = seen.task;
    const now = table.now().getTime();
    const isOld = isTerminal(state) && finishedAt !== null && now - finishedAt.getTime() >= Number(args[1]);
    const keyIsFree = now >= (keptUntil.get(id)?.getTime() ?? 0);
    if (cause === 'prune' && isOld && keyIsFree) return;
    objections.push(
      `only what ended long ago is deleted, and no key before its time: ${cause} did ${describeSeen(seen)}`,
    );
  };

  const look: Look = (cause, args) => {
    follow(cause, args);
    for (const row of table.rows.values()) judge(cause, args, row);
    if (tasks.size === table.rows.size) return;
    for (const [id, seen] of tasks) if (!table.rows.has(id)) judgeEnd(cause, args, seen);
  };
  return { tasks, counts, objections, keptUntil, look };
}

/** A task as it was seen, in short. */
export function describeSeen(seen: Seen | undefined): string {
  if (!seen) return 'nothing';
  const { state, dispatch, spent, version, cancellation } = seen.task;
  const attempts = seen.attempts.map(({ outcome }) => outcome).join(', ');
  return JSON.stringify({ state, dispatch, spent, version, cancellation: cancellation !== null, attempts });
}

/** By identity: the memory store replaces what it changes. */
function isUnchanged(before: Seen, { task, attempts }: Row): boolean {
  return (
    before.task === task &&
    before.attempts.length === attempts.length &&
    before.attempts.every((attempt, i) => attempt === attempts[i])
  );
}
