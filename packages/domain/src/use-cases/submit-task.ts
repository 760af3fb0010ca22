import {
  IdempotencyKeyReusedError,
  InvalidPayloadError,
  InvalidRequestError,
  type NavetteError,
  UnknownTaskTypeError,
} from '../errors.ts';
import { canonicalJson, findJsonProblem, type Json } from '../json.ts';
import type { System } from '../ports/system.ts';
import type { InsertOutcome, NewTask, TaskInserts } from '../ports/task-records.ts';
import { mergeRetryPolicy } from '../retry-policy.ts';
import { type SubmitRequest, submissionProblems } from '../submission.ts';
import type { Task } from '../task.ts';
import type { Catalogue } from '../task-type.ts';
import type { AnnounceTasks } from './announce-tasks.ts';
import { validatePayload } from './validate-payload.ts';

/** An accepted submission. */
export interface Submission {
  readonly task: Task;
  /** The same request had been made before with the same idempotency key: `task` is that one, as it is now. */
  readonly replayed: boolean;
}

/** What submitting needs. */
export interface SubmitTaskDeps {
  readonly catalogue: Catalogue;
  readonly records: TaskInserts;
  readonly system: Pick<System, 'newId'>;
  readonly announce: AnnounceTasks;
}

/** How a submission is told apart from others. */
export interface SubmitContext {
  /** Who submits; idempotency keys of different scopes do not meet. */
  readonly scope?: string | undefined;
  /** The client's fields as sent, for the fingerprint; default: the request itself. */
  readonly sent?: Json | undefined;
  /** Makes the write, again if need be: repeated, it finds the task by the id it was given and makes no second one. */
  readonly persist?: (<T>(write: () => Promise<T>) => Promise<T>) | undefined;
}

/** Records a task and hands it to the broker. Once it resolves, the task is kept whatever dies. */
export type SubmitTask = (request: SubmitRequest, context?: SubmitContext) => Promise<Submission>;

/**
 * Makes the use case.
 *
 * The call throws `UnknownTaskTypeError`, `InvalidPayloadError`, `InvalidRequestError`, `IdempotencyKeyReusedError` and
 * `StoreUnavailableError`; a broker that is away is no error, the steward hands the task over later.
 */
export function createSubmitTask(deps: SubmitTaskDeps): SubmitTask {
  const { records, announce } = deps;
  return async (request, context = {}) => {
    const newTask = await prepareTask(deps, request, context);
    const insert = async () => {
      const [outcome] = await records.insert([newTask]);
      if (!outcome) throw new Error('the store answered nothing for an insert');
      const refusal = refusalOf(outcome, request.type);
      if (refusal) throw refusal;
      return submissionOf(outcome);
    };
    const submission = await (context.persist ? context.persist(insert) : insert());
    // Not awaited: the 202 depends on the store alone.
    if (!submission.replayed) void announce([submission.task]);
    return submission;
  };
}

/** Validates a request and fills in what its type says; nothing is written. Throws like the use case. */
export async function prepareTask(
  { catalogue, system }: Pick<SubmitTaskDeps, 'catalogue' | 'system'>,
  request: SubmitRequest,
  context: SubmitContext = {},
): Promise<NewTask> {
  const taskType = catalogue.get(request.type);
  if (!taskType) throw new UnknownTaskTypeError(String(request.type), catalogue.names());
  const problems = submissionProblems(request);
  const unstorable = findJsonProblem(request.tags ?? []);
  if (unstorable) problems.push({ pointer: `#/tags${unstorable.pointer}`, detail: unstorable.detail });
  if (problems.length > 0) throw new InvalidRequestError(problems);
  await validatePayload(taskType, request.payload);
  return {
    id: system.newId(),
    type: taskType.type,
    queue: taskType.queue,
    payload: request.payload,
    priority: request.priority ?? taskType.priority,
    retry: mergeRetryPolicy(taskType.retry, request.retry),
    timeoutMs: request.timeoutMs ?? taskType.timeoutMs,
    tags: [...new Set(request.tags)],
    delayMs: request.delayMs,
    runAt: request.runAt,
    expiresAt: request.expiresAt,
    idempotency:
      request.idempotencyKey === undefined
        ? undefined
        : {
            scope: context.scope ?? '',
            key: request.idempotencyKey,
            fingerprint: fingerprintOf(context.sent ?? requestAsJson(request)),
          },
  };
}

/** The submission of a task that is recorded. */
export function submissionOf(outcome: InsertOutcome): Submission {
  if (!('task' in outcome)) throw new Error(`there is no task: ${outcome.kind}`);
  return { task: outcome.task, replayed: outcome.kind === 'replayed' };
}

/** Why there is no task, or no telling whether there is one; `undefined` if there is one. */
export function refusalOf(outcome: InsertOutcome, type: string): NavetteError | undefined {
  switch (outcome.kind) {
    case 'keyReused':
      return new IdempotencyKeyReusedError('task', outcome.taskId);
    case 'refused':
      return new InvalidPayloadError(type, [{ pointer: '#/payload', detail: outcome.detail }]);
    case 'unknown':
      return outcome.error;
    default:
      return undefined;
  }
}

/** Equal for equal requests: the fields as the client sent them, before any default, without the key itself. */
function fingerprintOf(sent: Json): string {
  if (sent === null || typeof sent !== 'object' || Array.isArray(sent)) return canonicalJson(sent);
  return canonicalJson(Object.fromEntries(Object.entries(sent).filter(([field]) => field !== 'idempotencyKey')));
}

function requestAsJson(request: SubmitRequest): Json {
  return JSON.parse(JSON.stringify(request)) as Json;
}
