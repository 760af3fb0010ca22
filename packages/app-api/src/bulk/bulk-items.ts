import type { Log, SubmitOutcome } from '@navette/domain';
import { type ProblemDocument, problemOf } from '../problems.ts';
import { includable, taskItemJson } from '../schemas/task.ts';

/** What became of one of many submissions, as the API tells it. */
export type BulkItem =
  | { readonly index: number; readonly task: ReturnType<typeof taskItemJson>; readonly problem?: never }
  | { readonly index: number; readonly problem: ProblemDocument; readonly task?: never };

/** Either the task, or why there is none. */
export type BulkOutcome = SubmitOutcome | { readonly error: Error; readonly task?: undefined };

/** Makes what tells outcomes. An error that several share is logged once. */
export function createItemTeller(log: Log) {
  const told = new Map<Error, ProblemDocument>();
  return (index: number, outcome: BulkOutcome): BulkItem => {
    if (outcome.task) return { index, task: taskItemJson(outcome.task, includable) };
    const error = outcome.error as Error;
    const problem = told.get(error) ?? problemOf(error, log);
    told.set(error, problem);
    return { index, problem };
  };
}
