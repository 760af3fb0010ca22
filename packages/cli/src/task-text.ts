import type { Attempt, LogLine, Task, TaskItem, TaskState } from '@navette/client';
import { ageText, durationText } from './moments.ts';
import { cut, inert, table } from './table.ts';
import type { Paint, Style } from './terminal.ts';

const styles: Readonly<Record<TaskState, Style>> = {
  scheduled: 'dim',
  queued: 'blue',
  running: 'cyan',
  retrying: 'magenta',
  completed: 'green',
  failed: 'red',
  cancelled: 'yellow',
  expired: 'yellow',
};

/** A state, in its colour. */
export function stateText(state: TaskState, paint: Paint): string {
  return paint(styles[state], state);
}

/** One line about a task. */
export function taskLine(task: TaskItem, paint: Paint): string {
  const why = task.error ? `  ${inert(errorText(task.error))}` : '';
  return `${task.id}  ${task.type}  ${stateText(task.state, paint)}${why}`;
}

/** What of a table of tasks a terminal has no room for is cut. */
const widthOfOthers = 112;

/** A table of tasks. */
export function taskTable(tasks: readonly TaskItem[], paint: Paint, columns = 140): string {
  const room = Math.max(20, columns - widthOfOthers);
  const rows = tasks.map((task) => [
    task.id,
    cut(task.type, 24),
    stateText(task.state, paint),
    task.priority,
    attemptText(task),
    ageText(task.submittedAt),
    tookText(task),
    cut(task.error ? errorText(task.error) : progressText(task.progress), room),
  ]);
  return table(['ID', 'TYPE', 'STATE', 'PRIORITY', 'ATTEMPT', 'AGE', 'TOOK', 'ERROR / PROGRESS'], rows, paint);
}

/** `2/3`; the number alone once a retry by hand has given a task more than its policy does. */
function attemptText({ attempt, maxAttempts }: TaskItem): string {
  return attempt > maxAttempts ? `${attempt}` : `${attempt}/${maxAttempts}`;
}

/** All about a task. */
export function taskDetails(task: Task, logs: readonly LogLine[], paint: Paint): string {
  const facts: [string, string][] = [
    ['id', task.id],
    ['type', task.type],
    ['queue', `${task.queue}, priority ${task.priority}`],
    ['state', stateText(task.state, paint)],
    ['error', task.error ? errorText(task.error) : ''],
    [
      'cancellation',
      task.cancellation ? `${task.cancellation.requestedAt}, ${task.cancellation.outcome ?? 'open'}` : '',
    ],
    ['progress', progressText(task.progress)],
    ['tags', task.tags.join(', ')],
    ['submitted', `${task.submittedAt} (${ageText(task.submittedAt)} ago)`],
    ['due', task.runAt ?? ''],
    ['started', task.startedAt ?? ''],
    ['finished', task.finishedAt ?? ''],
    ['expires', task.expiresAt ?? ''],
    ['payload', JSON.stringify(task.payload)],
    ['result', task.result === null ? '' : JSON.stringify(task.result)],
  ];
  const known = facts.filter(([, value]) => value !== '');
  const parts = [
    known
      .map(([name, value]) => `${paint('dim', name.padEnd(13))}${name === 'state' ? value : inert(value)}`)
      .join('\n'),
  ];
  if (task.attempts.length > 0) parts.push(attemptTable(task, paint));
  if (logs.length > 0) parts.push(logs.map((line) => logText(line, paint)).join('\n'));
  return parts.join('\n\n');
}

/** One line of a task's log. */
export function logText({ at, attempt, message }: LogLine, paint: Paint): string {
  return `${paint('dim', `${at} #${attempt}`)} ${inert(message)}`;
}

function errorText({ code, message }: NonNullable<Attempt['error']>): string {
  return `${code}: ${message}`;
}

/** A task's progress, whatever its handler tells. */
export function progressText(progress: unknown): string {
  const known = doneOfTotal(progress);
  if (known) return `${known.done}/${known.total}`;
  return progress === null || progress === undefined ? '' : JSON.stringify(progress);
}

/** The two numbers of a progress that is `{ done, total }`. */
export function doneOfTotal(progress: unknown): { done: number; total: number } | undefined {
  const { done, total } = (progress ?? {}) as { done?: unknown; total?: unknown };
  return typeof done === 'number' && typeof total === 'number' ? { done, total } : undefined;
}

function attemptTable({ attempts, maxAttempts }: Task, paint: Paint): string {
  const rows = attempts.map((attempt) => [
    `${attempt.number}`,
    attempt.outcome,
    attempt.startedAt,
    tookText(attempt),
    inert(attempt.workerName ?? attempt.worker),
    attempt.error ? cut(errorText(attempt.error), 80) : '',
  ]);
  const number = attempts.length > maxAttempts ? 'ATTEMPT' : `ATTEMPT (max ${maxAttempts})`;
  return table([number, 'OUTCOME', 'STARTED', 'TOOK', 'WORKER', 'ERROR'], rows, paint);
}

function tookText({ startedAt, finishedAt }: Pick<Attempt, 'finishedAt'> & { startedAt: string | null }): string {
  return startedAt && finishedAt ? durationText(Date.parse(finishedAt) - Date.parse(startedAt)) : '';
}
