import type { Json } from './json.ts';
import type { SubmitOptions } from './submission.ts';
import type { Task } from './task.ts';
import type { AnyTaskType, PayloadOf } from './task-type.ts';
import { createSubmitMany, type SubmitMany, type SubmitOutcome } from './use-cases/submit-many.ts';
import { createSubmitTask, type SubmitTask, type SubmitTaskDeps } from './use-cases/submit-task.ts';

/** One of many submissions. */
export interface TypedSubmission<T extends AnyTaskType> extends SubmitOptions {
  readonly type: T;
  readonly payload: PayloadOf<T>;
}

/** How many tasks are submitted. */
export interface SubmitManyOptions {
  /** All or nothing: at most 1,000, in one transaction with their idempotency keys. */
  readonly atomic?: boolean | undefined;
}

/** Submits tasks of known types, their payloads typed by the types' schemas. */
export interface Submitter {
  /**
   * Submits a task. Once it resolves, the task is kept.
   * @throws UnknownTaskTypeError, InvalidPayloadError, InvalidRequestError, IdempotencyKeyReusedError,
   * StoreUnavailableError
   */
  submit<T extends AnyTaskType>(taskType: T, payload: PayloadOf<T>, options?: SubmitOptions): Promise<Task>;
  /**
   * Submits any number of tasks, a thousand with one statement; tells of each, in their order, whether there is a task or
   * what is wrong with it. They are queued in their order.
   * @throws StoreUnavailableError if none could be recorded; BatchRejectedError if one is refused that was to be `atomic`
   */
  submitMany<const T extends readonly AnyTaskType[]>(
    submissions: { readonly [Place in keyof T]: TypedSubmission<T[Place]> },
    options?: SubmitManyOptions,
  ): Promise<SubmitOutcome[]>;
}

/** The same by the names of the types, as requests from outside name them. */
export interface RequestSubmitter {
  /** Throws like `submit`. */
  readonly submitRequest: SubmitTask;
  /** Throws like `submitMany`. */
  readonly submitRequests: SubmitMany;
}

/** @throws TypeError for the name of a task type in its place, which the compiler does not let pass */
function nameOf(taskType: AnyTaskType): string {
  if (typeof taskType === 'object') return taskType.type;
  throw new TypeError(
    `${JSON.stringify(taskType)} is no task type: give what defineTask gave, or submit by name with submitRequest`,
  );
}

/** Makes the two ways to submit: by task type, and by the name of one. */
export function createSubmitter(deps: SubmitTaskDeps): Submitter & RequestSubmitter {
  const submitRequest = createSubmitTask(deps);
  const submitRequests = createSubmitMany(deps);
  return {
    submitRequest,
    submitRequests,
    submit: async (taskType, payload, options = {}) => {
      const request = { ...options, type: nameOf(taskType), payload: payload as Json };
      return (await submitRequest(request)).task;
    },
    submitMany: async (submissions, options) => {
      const requests = (submissions as readonly TypedSubmission<AnyTaskType>[]).map(({ type, ...rest }) => ({
        request: { ...rest, type: nameOf(type), payload: rest.payload as Json },
      }));
      return submitRequests(requests, options);
    },
  };
}
