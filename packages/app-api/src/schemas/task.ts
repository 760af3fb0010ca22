import { z } from '@hono/zod-openapi';
import {
  type Attempt,
  attemptOutcomes,
  type Json,
  type LogLine,
  priorities,
  type Task,
  type TaskSummary,
  type TaskWithAttempts,
  taskStates,
} from '@navette/domain';
import { answeredMoment, jsonValue, orNull } from './values.ts';

const taskError = z
  .object({ code: z.string().openapi({ example: 'handler_error' }), message: z.string() })
  .openapi('TaskError');

const attempt = z
  .object({
    number: z.int().min(1),
    outcome: z.enum(attemptOutcomes),
    worker: z.string().openapi({ description: 'Id of the worker that ran it: a new one at each start.' }),
    workerName: z
      .string()
      .nullable()
      .openapi({ description: 'Host and process of that worker; null once it is forgotten.', example: 'host-7:4242' }),
    startedAt: answeredMoment,
    finishedAt: answeredMoment.nullable(),
    error: orNull(taskError),
  })
  .openapi('Attempt');

const cancellation = z
  .object({
    requestedAt: answeredMoment,
    outcome: z.enum(['acknowledged', 'ignored', 'too_late']).nullable(),
  })
  .openapi('Cancellation');

const taskFields = {
  id: z.uuid(),
  type: z.string().openapi({ example: 'demo.echo' }),
  queue: z.string().openapi({ example: 'default' }),
  state: z.enum(taskStates),
  priority: z.enum(priorities),
  payload: jsonValue,
  result: jsonValue,
  error: orNull(taskError),
  progress: jsonValue,
  attempt: z.int().min(0).openapi({ description: 'Number of the latest attempt.' }),
  maxAttempts: z.int().min(1),
  tags: z.array(z.string()),
  submittedAt: answeredMoment,
  runAt: answeredMoment.nullable(),
  startedAt: answeredMoment.nullable(),
  finishedAt: answeredMoment.nullable(),
  expiresAt: answeredMoment.nullable(),
  cancellation: orNull(cancellation),
  version: z.int().min(1),
};

/** One task alone, with its attempts, oldest first. */
export const taskSchema = z.object({ ...taskFields, attempts: z.array(attempt) }).openapi('Task');

/** A task in a list: payload and result only where they are asked for. */
export const taskItemSchema = z
  .object({ ...taskFields, payload: jsonValue.optional(), result: jsonValue.optional() })
  .openapi('TaskItem');

/** What a list can be asked to include. */
export const includable = ['payload', 'result'] as const;

/** A field that a list can be asked to include. */
export type Includable = (typeof includable)[number];

/** One task alone, as the API tells it. */
export function taskJson(task: Task, attempts: readonly Attempt[]) {
  return fieldsOf(task, task.payload, task.result, attempts.map(attemptJson));
}

/** A task as its events tell it: with its attempts; payload and result only where they are asked for. */
export function taskNewsJson(task: TaskWithAttempts, include: readonly Includable[]) {
  return { ...taskItemJson(task, include), attempts: task.attempts.map(attemptJson) };
}

/** A line of a log, as the API tells it. */
export function logLineJson({ seq, attempt, at, message }: LogLine) {
  return { seq, attempt, at, message };
}

/** A task in a list, as the API tells it. */
export function taskItemJson(task: TaskSummary & Partial<Task>, include: readonly Includable[]) {
  const payload = include.includes('payload') ? task.payload : undefined;
  const result = include.includes('result') ? task.result : undefined;
  return fieldsOf(task, payload, result, undefined);
}

/** Dates become text, and what is undefined is left out, when this is written as JSON. */
function fieldsOf<Content extends Json | undefined, AttemptList>(
  task: TaskSummary,
  payload: Content,
  result: Content,
  attempts: AttemptList,
) {
  return {
    id: task.id,
    type: task.type,
    queue: task.queue,
    state: task.state,
    priority: task.priority,
    payload,
    result,
    error: task.error,
    progress: task.progress,
    attempt: task.attempt,
    maxAttempts: task.retry.maxAttempts,
    tags: task.tags as string[],
    submittedAt: task.submittedAt,
    runAt: task.runAt,
    startedAt: task.startedAt,
    finishedAt: task.finishedAt,
    expiresAt: task.expiresAt,
    cancellation: task.cancellation,
    version: task.version,
    attempts,
  };
}

function attemptJson({ number, outcome, worker, workerName, startedAt, finishedAt, error }: Attempt) {
  return { number, outcome, worker, workerName, startedAt, finishedAt, error };
}
