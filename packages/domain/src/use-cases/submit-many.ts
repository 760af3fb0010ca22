import {
  BatchRejectedError,
  InvalidRequestError,
  NavetteError,
  type Refusal,
  StoreUnavailableError,
} from '../errors.ts';
import type { Json } from '../json.ts';
import type { InsertOutcome, NewTask } from '../ports/task-records.ts';
import { type SubmitRequest, submissionLimits } from '../submission.ts';
import type { Task } from '../task.ts';
import { prepareTask, refusalOf, type Submission, type SubmitTaskDeps, submissionOf } from './submit-task.ts';

/** One of many requests. */
export type BulkRequest =
  | {
      readonly request: SubmitRequest;
      /** The client's fields as sent, for the fingerprint; default: the request itself. */
      readonly sent?: Json | undefined;
      readonly error?: undefined;
    }
  /** It was refused before it came here, and only takes its place among the others. */
  | { readonly error: NavetteError };

/** What became of one of many submissions: the task, or why there is none. */
export type SubmitOutcome =
  | (Submission & { readonly error?: undefined })
  | { readonly error: NavetteError; readonly task?: undefined };

/** How many submissions are told apart from others, and kept together. */
export interface SubmitManyContext {
  /** Who submits; idempotency keys of different scopes do not meet. */
  readonly scope?: string | undefined;
  /** All or nothing; at most {@link submissionLimits.maxAtomic}. */
  readonly atomic?: boolean | undefined;
}

/** Records many tasks in few statements and hands them to the broker; the outcomes stand in the order of the requests. */
export type SubmitMany = (requests: readonly BulkRequest[], context?: SubmitManyContext) => Promise<SubmitOutcome[]>;

/** Tasks that are recorded with one call of the store, and handed over with one of the broker. */
const chunkSize = 1_000;

/**
 * Makes the use case.
 *
 * What is wrong with one submission is its own outcome. The call throws `StoreUnavailableError` if the store failed
 * before it recorded any; where it fails later, those that it may not have recorded have that as their outcome. Atomic,
 * it throws `BatchRejectedError` if any is refused, and the outcomes are tasks.
 */
export function createSubmitMany(deps: SubmitTaskDeps): SubmitMany {
  const { records, announce } = deps;
  let handedOver: Promise<unknown> = Promise.resolve();

  /** A broker that is slower than the store slows bulk down: what it is not yet given would pile up. */
  const announceAll = (outcomes: readonly SubmitOutcome[]) => {
    const fresh: Task[] = [];
    for (const outcome of outcomes) if (outcome.task && !outcome.replayed) fresh.push(outcome.task);
    // Not what they resolve with: that would hold what every earlier one did.
    handedOver = Promise.all([handedOver, announce(fresh)]).then(() => {});
  };

  const prepare = async (requests: readonly BulkRequest[], scope: string | undefined) => {
    const prepared: (NewTask | NavetteError)[] = [];
    for (const one of requests) prepared.push(one.error ?? (await prepareOrRefuse(deps, one, scope)));
    return prepared;
  };

  const recordAll = async (requests: readonly BulkRequest[], scope: string | undefined): Promise<SubmitOutcome[]> => {
    if (requests.length > submissionLimits.maxAtomic) {
      const detail = `holds more than ${submissionLimits.maxAtomic} tasks, which is too many for all or nothing`;
      throw new InvalidRequestError([{ pointer: '#', detail }]);
    }
    const prepared = await prepare(requests, scope);
    assertNoneRefused(prepared);
    const tasks = prepared as NewTask[];
    const answers = await records.insertAll(tasks);
    assertNoneRefused(answers.map((answer, i) => refusalOf(answer, tasks[i]!.type)));
    const outcomes = answers.map(submissionOf);
    announceAll(outcomes);
    return outcomes;
  };

  const recordEach = async (requests: readonly BulkRequest[], scope: string | undefined): Promise<SubmitOutcome[]> => {
    const outcomes: SubmitOutcome[] = [];
    let failure: StoreUnavailableError | undefined;

    const record = async (prepared: readonly (NewTask | NavetteError)[]) => {
      const tasks = prepared.filter((one): one is NewTask => !(one instanceof NavetteError));
      const answers = failure || tasks.length === 0 ? [] : await insert(tasks);
      let next = 0;
      const ofChunk = prepared.map((one): SubmitOutcome => {
        if (one instanceof NavetteError) return { error: one };
        const answer = answers[next++];
        const error = answer ? refusalOf(answer, one.type) : failure;
        return error ? { error } : submissionOf(answer!);
      });
      outcomes.push(...ofChunk);
      announceAll(ofChunk);
    };

    /** Once the store has failed nothing more is tried: each further chunk would only wait for its deadline. */
    const insert = async (tasks: readonly NewTask[]): Promise<InsertOutcome[]> => {
      await handedOver;
      try {
        const answers = await records.insert(tasks);
        failure = answers.find((answer) => answer.kind === 'unknown')?.error;
        return answers;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        failure = error;
        return [];
      }
    };

    // While one chunk is being recorded the next is checked.
    let recording: Promise<void> = Promise.resolve();
    for (let start = 0; start < requests.length; start += chunkSize) {
      const prepared = await prepare(requests.slice(start, start + chunkSize), scope);
      await recording;
      recording = record(prepared);
      recording.catch(() => {});
    }
    await recording;
    if (failure && !outcomes.some(({ task }) => task)) throw failure;
    return outcomes;
  };

  return (requests, { scope, atomic = false } = {}) => (atomic ? recordAll : recordEach)(requests, scope);
}

async function prepareOrRefuse(
  deps: SubmitTaskDeps,
  { request, sent }: { readonly request: SubmitRequest; readonly sent?: Json | undefined },
  scope: string | undefined,
): Promise<NewTask | NavetteError> {
  try {
    return await prepareTask(deps, request, { scope, sent });
  } catch (error) {
    if (error instanceof NavetteError) return error;
    throw error;
  }
}

function assertNoneRefused(all: readonly unknown[]): void {
  const refusals: Refusal[] = [];
  for (const [index, one] of all.entries()) if (one instanceof NavetteError) refusals.push({ index, error: one });
  if (refusals.length > 0) throw new BatchRejectedError(refusals);
}
