import type { TaskState } from './task-state.ts';

/** One thing that is wrong with an input. `pointer` is a JSON Pointer fragment into what was sent (`#/payload/ms`). */
export interface Problem {
  readonly detail: string;
  readonly pointer: string;
}

/** The first problems in one line; all of them are in `problems`. */
function summaryOf(problems: readonly Problem[]): string {
  const named = problems.slice(0, 3).map(({ pointer, detail }) => `${pointer} ${detail}`);
  const others = problems.length - named.length;
  return [...named, ...(others > 0 ? [`and ${others} more`] : [])].join('; ');
}

/** Every error Navette throws on purpose, by its stable `code`. */
export type ErrorCode =
  | 'attempt_superseded'
  | 'batch_rejected'
  | 'broker_unavailable'
  | 'idempotency_key_reused'
  | 'invalid_catalogue'
  | 'invalid_payload'
  | 'invalid_query'
  | 'invalid_request'
  | 'invalid_transition'
  | 'operation_not_found'
  | 'query_too_broad'
  | 'store_unavailable'
  | 'task_not_found'
  | 'unknown_task_type';

/** The base of every error that Navette throws on purpose. The `code` is stable, the message is for people. */
export abstract class NavetteError extends Error {
  abstract readonly code: ErrorCode;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No task has this id. */
export class TaskNotFoundError extends NavetteError {
  readonly code = 'task_not_found';
  constructor(taskId: string) {
    super(`no task has the id ${taskId}`);
  }
}

/** No operation has this id. */
export class OperationNotFoundError extends NavetteError {
  readonly code = 'operation_not_found';
  constructor(operationId: string) {
    super(`no operation has the id ${operationId}`);
  }
}

/** The task is in a state from which the asked move is not legal. */
export class InvalidTransitionError extends NavetteError {
  readonly code = 'invalid_transition';
  readonly state: TaskState;
  constructor(action: string, state: TaskState) {
    super(`a task that is ${state} cannot be ${action}`);
    this.state = state;
  }
}

/** The catalogue has no type of this name; `known` lists those it has. */
export class UnknownTaskTypeError extends NavetteError {
  readonly code = 'unknown_task_type';
  readonly known: readonly string[];
  constructor(type: string, known: readonly string[]) {
    super(`unknown task type ${JSON.stringify(type)}; known types: ${known.join(', ') || 'none'}`);
    this.known = known;
  }
}

/** The payload does not fit the type's schema, or cannot be stored; one problem per field. */
export class InvalidPayloadError extends NavetteError {
  readonly code = 'invalid_payload';
  readonly problems: readonly Problem[];
  constructor(type: string, problems: readonly Problem[]) {
    super(`the payload does not fit ${type}: ${summaryOf(problems)}`);
    this.problems = problems;
  }
}

/** An option of a submission or a call is wrong; one problem per field. */
export class InvalidRequestError extends NavetteError {
  readonly code = 'invalid_request';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(summaryOf(problems));
    this.problems = problems;
  }
}

/** A search filter or cursor is wrong; `parameter` names it. */
export class InvalidQueryError extends NavetteError {
  readonly code = 'invalid_query';
  readonly parameter: string;
  constructor(parameter: string, detail: string) {
    super(`${parameter} ${detail}`);
    this.parameter = parameter;
  }
}

/** The search would take too long; `message` tells what would narrow it. */
export class QueryTooBroadError extends NavetteError {
  readonly code = 'query_too_broad';
}

/** The idempotency key was used for another request; `id` is the task or the operation of that one. */
export class IdempotencyKeyReusedError extends NavetteError {
  readonly code = 'idempotency_key_reused';
  readonly of: 'task' | 'operation';
  readonly id: string;
  constructor(of: 'task' | 'operation', id: string) {
    super(`the idempotency key was used for another request, whose ${of} is ${id}`);
    this.of = of;
    this.id = id;
  }
}

/** One of many submissions that is refused. `index`: its place among them, from 0. */
export interface Refusal {
  readonly index: number;
  readonly error: NavetteError;
}

/** Many submissions that were to be all or nothing: some are refused, so none is recorded. */
export class BatchRejectedError extends NavetteError {
  readonly code = 'batch_rejected';
  /** Those that are refused, by their places. Nothing is wrong with the others. */
  readonly refusals: readonly Refusal[];
  constructor(refusals: readonly Refusal[]) {
    const [first] = refusals;
    const others = refusals.length > 1 ? `, and ${refusals.length - 1} more` : '';
    super(`no task is recorded, because the one at index ${first?.index} is refused: ${first?.error.message}${others}`);
    this.refusals = refusals;
  }
}

/** The catalogue cannot be used: two types of one name, or a type that is not well defined. */
export class InvalidCatalogueError extends NavetteError {
  readonly code = 'invalid_catalogue';
}

/**
 * The store did not answer in time or cannot be reached. For a write this means *unknown*: it may have been committed.
 * Ask again with the same idempotency key.
 */
export class StoreUnavailableError extends NavetteError {
  readonly code = 'store_unavailable';
}

/** The broker cannot be reached. Nothing is lost: the steward hands the task over later. */
export class BrokerUnavailableError extends NavetteError {
  readonly code = 'broker_unavailable';
}

/** The attempt is no longer the task's present one: its calls are refused and its result is dropped. */
export class AttemptSupersededError extends NavetteError {
  readonly code = 'attempt_superseded';
  constructor(taskId: string, attempt: number) {
    super(`attempt ${attempt} of task ${taskId} has been superseded`);
  }
}

// Task types are loaded from where their authors keep them, which may have a copy of this package of its own: what its
// handlers throw is known by a mark, not by its class.
const permanent = Symbol.for('navette.PermanentError');
const retryLater = Symbol.for('navette.RetryAfterError');

function isMarked(error: unknown, mark: symbol): boolean {
  return typeof error === 'object' && error !== null && mark in error;
}

/** Whether a handler has thrown a {@link PermanentError}, of this copy of the package or of another. */
export function isPermanentError(error: unknown): error is PermanentError {
  return isMarked(error, permanent);
}

/** Whether a handler has thrown a {@link RetryAfterError}, of this copy of the package or of another. */
export function isRetryAfterError(error: unknown): error is RetryAfterError {
  return isMarked(error, retryLater);
}

/** Thrown by a handler: this failure will not mend itself, do not retry. `code` is kept as the task's error code. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  readonly code: string;
  constructor(message: string, options: { code?: string; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = options.code ?? 'permanent_error';
  }

  get [permanent](): true {
    return true;
  }
}

/** Thrown by a handler: retry, but not before this delay (ms) or moment has passed. Counts as an attempt. */
export class RetryAfterError extends Error {
  override readonly name = 'RetryAfterError';
  readonly code: string;
  readonly retryAfter: number | Date;
  constructor(retryAfter: number | Date, message = 'asked to retry later', options: { code?: string } = {}) {
    super(message);
    this.retryAfter = retryAfter;
    this.code = options.code ?? 'handler_error';
  }

  get [retryLater](): true {
    return true;
  }
}

/** Why a running attempt must stop; the reason of its signal. */
export type StopReason = 'cancelled' | 'interrupted' | 'superseded' | 'timed_out';

/** The reason of an attempt's signal, and what a handler typically rethrows. */
export class AttemptStoppedError extends Error {
  override readonly name = 'AttemptStoppedError';
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super(`the attempt was ${reason.replace('_', ' ')}`);
    this.reason = reason;
  }
}
