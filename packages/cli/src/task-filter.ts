import type { TaskFilter, TaskState } from '@navette/client';
import { type Command, Option } from 'commander';
import { severalOf } from './arguments.ts';
import { parsePast } from './moments.ts';

/** Every state of a task, in the order of a life. */
export const taskStates: readonly TaskState[] = [
  'scheduled',
  'queued',
  'running',
  'retrying',
  'completed',
  'failed',
  'cancelled',
  'expired',
];

/** The options that say which tasks are meant. */
export type FilterOptions = TaskFilter;

/** Adds the options that say which tasks are meant; several narrow. */
export function addFilterOptions(command: Command): Command {
  const moment = (flags: string, what: string) => new Option(flags, what).argParser(parsePast);
  const state = new Option('-s, --state <state>', 'in this state; several widen').choices(taskStates);
  return command
    .addOption(state.argParser(severalOf(taskStates)))
    .option('-t, --type <type>', 'of this type')
    .option('-q, --queue <queue>', 'on this queue')
    .option('--tag <tag>', 'with this tag: customer:42')
    .option('--error-code <code>', 'failed with this code: timed_out')
    .addOption(moment('--submitted-after <moment>', 'submitted then or later: a moment, or 2h for two hours ago'))
    .addOption(moment('--submitted-before <moment>', 'submitted earlier'))
    .addOption(moment('--finished-after <moment>', 'finished then or later'))
    .addOption(moment('--finished-before <moment>', 'finished earlier'));
}

/** The filter that the options make. */
export function filterOf(options: FilterOptions): TaskFilter {
  const { state, type, queue, tag, errorCode, submittedAfter, submittedBefore, finishedAfter, finishedBefore } =
    options;
  const all = { state, type, queue, tag, errorCode, submittedAfter, submittedBefore, finishedAfter, finishedBefore };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
