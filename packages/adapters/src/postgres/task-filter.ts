import { type TaskFilter, type TaskState, terminalStates } from '@navette/domain';
import { type RawBuilder, sql } from 'kysely';

/** A part of the tasks that has indexes of its own, and the states of it that a filter finds. */
export interface Part {
  readonly name: 'ended' | 'waiting' | 'running';
  readonly states: readonly TaskState[];
}

const waitingStates: readonly TaskState[] = ['scheduled', 'queued', 'retrying'];

/** The parts in which a filter can find something; no task is in two of them. */
export function partsOf(filter: TaskFilter): Part[] {
  const part = (name: Part['name'], of: readonly TaskState[]): Part => ({
    name,
    states: of.filter((state) => filter.states?.includes(state) ?? true),
  });
  // What has not ended has no end in any span of time.
  const parts = hasEndRange(filter) ? [] : [part('waiting', waitingStates), part('running', ['running'])];
  parts.push(part('ended', terminalStates));
  return parts.filter(({ states }) => states.length > 0);
}

/** Whether a filter says when tasks ended. */
export function hasEndRange({ finishedAfter, finishedBefore }: TaskFilter): boolean {
  return finishedAfter !== undefined || finishedBefore !== undefined;
}

/** SQL that tells whether a task `t` waits, as the predicates of the indexes of such tasks do. */
export const isWaiting = `t.state in (${waitingStates.map((state) => `'${state}'`).join(', ')})`;

const predicates: Readonly<Record<Part['name'], string>> = {
  ended: 't.finished_at is not null',
  waiting: isWaiting,
  running: `t.state = 'running'`,
};

/** SQL that tells the tasks `t` of a part, as the predicates of its indexes do: an index is considered only so. */
export function isOfPart({ name }: Part, { errorCode }: Pick<TaskFilter, 'errorCode'> = {}): RawBuilder<boolean> {
  // The index of codes knows what has ended, and passes it over without a look at the rows.
  const isOpen = errorCode !== undefined && name !== 'ended' && sql`t.finished_at is null`;
  return allOf([sql.raw(predicates[name]), isOpen]);
}

/** SQL that tells whether the tasks `t` have the tag that a filter names. */
export function hasTag({ tag }: TaskFilter): RawBuilder<boolean> {
  // Also what that implies, for the same reason.
  return tag === undefined ? allOf([]) : sql`t.tags @> array[${tag}]::text[] and t.tags <> '{}'`;
}

/** SQL that tells when the tasks `t` ended. */
export function endsIn({ finishedAfter, finishedBefore }: TaskFilter): RawBuilder<boolean> {
  return allOf([
    finishedAfter && sql`t.finished_at >= ${finishedAfter}`,
    finishedBefore && sql`t.finished_at < ${finishedBefore}`,
  ]);
}

/** SQL for everything else that a filter asks of the tasks `t`. */
export function isAskedFor(filter: TaskFilter): RawBuilder<boolean> {
  const { states, type, queue, errorCode, submittedAfter, submittedBefore, finishedBefore } = filter;
  return allOf([
    states && (states.length === 1 ? sql`t.state = ${states[0]}` : sql`t.state = any(${states}::text[])`),
    type !== undefined && sql`t.type = ${type}`,
    queue !== undefined && sql`t.queue = ${queue}`,
    errorCode !== undefined && sql`t.error_code = ${errorCode}`,
    submittedAfter && sql`t.submitted_at >= ${submittedAfter}`,
    submittedBefore && sql`t.submitted_at < ${submittedBefore}`,
    // Nothing ends before it is submitted: where to begin in an index that is ordered by submission.
    finishedBefore && sql`t.submitted_at < ${finishedBefore}`,
  ]);
}

/** SQL that is true where all are; what is not asked for is left out. */
export function allOf(conditions: readonly (RawBuilder<unknown> | false | undefined)[]): RawBuilder<boolean> {
  const asked = conditions.filter((condition): condition is RawBuilder<unknown> => Boolean(condition));
  return asked.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(asked, sql` and `)}`;
}
