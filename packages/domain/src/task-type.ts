import type { TaskSignal } from './abort.ts';
import { InvalidCatalogueError } from './errors.ts';
import { isInteger } from './integer.ts';
import { type Priority, priorities } from './priority.ts';
import { defaultRetryPolicy, mergeRetryPolicy, type PartialRetryPolicy, type RetryPolicy } from './retry-policy.ts';
import type { InputOf, OutputOf, StandardSchema } from './standard-schema.ts';
import { policyProblems, type SubmitOptions, submissionLimits } from './submission.ts';

/** What a handler is given beside its payload. */
export interface HandlerContext {
  readonly taskId: string;
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  /** Raised when the attempt must stop: cancelled, timed out, superseded, or the worker shuts down. */
  readonly signal: TaskSignal;
  /**
   * Reports how far the work is: any JSON, typically `{ done, total }`. Dropped while the store is away. Throws once the
   * attempt is superseded.
   */
  progress(value: unknown): Promise<void>;
  /**
   * Writes one line to the task's log. Waits for a store that is away, and a line whose answer was lost may then be there
   * twice. Throws once the attempt is superseded.
   */
  log(message: string): Promise<void>;
  /**
   * Submits another task: one, however often a store that is away is asked in this call; another attempt that calls again
   * needs an idempotency key for that. Throws once the attempt is superseded.
   */
  submit<T extends AnyTaskType>(
    type: T,
    payload: PayloadOf<T>,
    options?: SubmitOptions,
  ): Promise<{ readonly id: string }>;
}

/** What a user writes to define a task type. */
export interface TaskTypeDefinition<S extends StandardSchema, Result> {
  /** Its name, for example `http.request`: 1–128 characters of letters, digits, `.`, `_`, `-`. */
  readonly type: string;
  /** The queue its tasks wait in; default `default`. */
  readonly queue?: string;
  /** One line for people. */
  readonly description?: string;
  /** Any Standard Schema (zod, valibot, arktype …). */
  readonly payload: S;
  /** Checks what the handler returns, if given. */
  readonly result?: StandardSchema<unknown, Result>;
  /** Laid over the default policy. */
  readonly retry?: PartialRetryPolicy;
  /** How long one attempt may take, ms; default 60,000. */
  readonly timeoutMs?: number;
  /** Default `normal`. */
  readonly priority?: Priority;
  /** Does the work. Import what is heavy inside of it, so that a process which only submits never loads it. */
  handler(payload: OutputOf<S>, context: HandlerContext): Promise<Result> | Result;
}

/** A task type: plain data, so a catalogue is an array of these. */
export interface TaskType<S extends StandardSchema = StandardSchema, Result = unknown> {
  readonly type: string;
  readonly queue: string;
  readonly description: string;
  readonly payload: S;
  readonly result?: StandardSchema<unknown, Result> | undefined;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly priority: Priority;
  handler(payload: OutputOf<S>, context: HandlerContext): Promise<Result> | Result;
}

/** Any task type, in a catalogue. */
// biome-ignore lint/suspicious/noExplicitAny: a catalogue holds types of every payload; `any` is the only common one
export type AnyTaskType = TaskType<StandardSchema<any, any>, any>;

/** What a submitter gives a task type. */
export type PayloadOf<T extends AnyTaskType> = InputOf<T['payload']>;

/** The queue of a type that names none. */
export const defaultQueue = 'default';

/** How long an attempt of a type that names no timeout may take, ms. */
export const defaultTimeoutMs = 60_000;

/** Names of types and queues. BullMQ allows no colon in a queue's name. */
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * Defines a task type and fills in its defaults.
 * @throws InvalidCatalogueError if the definition is not usable.
 */
export function defineTask<S extends StandardSchema, Result>(
  definition: TaskTypeDefinition<S, Result>,
): TaskType<S, Result> {
  const taskType: TaskType<S, Result> = {
    type: definition.type,
    queue: definition.queue ?? defaultQueue,
    description: definition.description ?? '',
    payload: definition.payload,
    result: definition.result,
    retry: mergeRetryPolicy(defaultRetryPolicy, definition.retry),
    timeoutMs: definition.timeoutMs ?? defaultTimeoutMs,
    priority: definition.priority ?? 'normal',
    handler: definition.handler,
  };
  assertUsable(taskType);
  return taskType;
}

function assertUsable(taskType: AnyTaskType): void {
  const refuse = (detail: string) => {
    throw new InvalidCatalogueError(`task type ${JSON.stringify(taskType?.type)}: ${detail}`);
  };
  if (typeof taskType !== 'object' || taskType === null) refuse('is not an object made by defineTask');
  if (!namePattern.test(taskType.type)) refuse('its name must be 1–128 letters, digits, ".", "_" or "-"');
  if (!namePattern.test(taskType.queue)) refuse('its queue must be 1–128 letters, digits, ".", "_" or "-"');
  if (typeof taskType.payload?.['~standard']?.validate !== 'function') refuse('payload must be a Standard Schema');
  if (typeof taskType.handler !== 'function') refuse('handler must be a function');
  if (!priorities.includes(taskType.priority)) refuse(`priority must be one of ${priorities.join(', ')}`);
  const { maxTimeoutMs } = submissionLimits;
  if (!isInteger(taskType.timeoutMs, 1, maxTimeoutMs)) refuse(`timeoutMs must be an integer, 1 to ${maxTimeoutMs}`);
  const [problem] = policyProblems(taskType.retry, '#/retry');
  if (problem) refuse(`${problem.pointer} ${problem.detail}`);
}

/** The task types a process knows, by name. */
export interface Catalogue {
  readonly types: readonly AnyTaskType[];
  get(type: string): AnyTaskType | undefined;
  /** Names of all types. */
  names(): string[];
  /** Names of all queues. */
  queues(): string[];
}

/**
 * Makes a catalogue.
 * @throws InvalidCatalogueError for two types of one name, or one that is not usable.
 */
export function createCatalogue(types: readonly AnyTaskType[]): Catalogue {
  const byName = new Map<string, AnyTaskType>();
  for (const taskType of types) {
    assertUsable(taskType);
    if (byName.has(taskType.type)) throw new InvalidCatalogueError(`two task types are named ${taskType.type}`);
    byName.set(taskType.type, taskType);
  }
  return {
    types: [...byName.values()],
    get: (type) => byName.get(type),
    names: () => [...byName.keys()],
    queues: () => [...new Set([...byName.values()].map((taskType) => taskType.queue))],
  };
}
