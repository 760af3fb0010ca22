import { IdempotencyKeyReusedError, InvalidRequestError, OperationNotFoundError, type Problem } from '../errors.ts';
import { canonicalJson, type Json } from '../json.ts';
import {
  isEmptyFilter,
  type Operation,
  type OperationAction,
  operableFilter,
  operableStates,
  operationPace,
} from '../operation.ts';
import type { System } from '../ports/system.ts';
import type { OperationPage, TaskOperations } from '../ports/task-operations.ts';
import type { TaskFilter, TaskRecords } from '../ports/task-records.ts';
import type { Task } from '../task.ts';

/** What a mass action is to do, and to which tasks. */
export interface OperationRequest {
  readonly action: OperationAction;
  readonly filter: TaskFilter;
  /** Says that a filter without any condition is meant so. */
  readonly all?: boolean | undefined;
  /** The pace, tasks per second, 1 to 10,000; default 100. */
  readonly perSecond?: number | undefined;
  /** Starting the same again with the same key gives the same operation; 1–255 visible characters. */
  readonly idempotencyKey?: string | undefined;
}

/** What a mass action would do. */
export interface OperationPreview {
  readonly count: number;
  /** The newest of them. */
  readonly sample: readonly Task[];
}

/** Mass actions. */
export interface OperateTasks {
  /** Tells what an operation would do, and does nothing. @throws InvalidRequestError, QueryTooBroadError */
  preview(request: OperationRequest): Promise<OperationPreview>;
  /**
   * Starts one; workers take its steps, at its pace. `scope` and `sent` tell requests with an idempotency key apart, as
   * in a submission.
   * @throws InvalidRequestError, QueryTooBroadError, IdempotencyKeyReusedError
   */
  start(
    request: OperationRequest,
    context?: { readonly scope?: string | undefined; readonly sent?: Json | undefined },
  ): Promise<{ readonly operation: Operation; readonly replayed: boolean }>;
  /** @throws OperationNotFoundError */
  get(operationId: string): Promise<Operation>;
  /** The newest first, 50 unless told otherwise. @throws InvalidQueryError */
  list(query?: { readonly limit?: number | undefined; readonly cursor?: string | undefined }): Promise<OperationPage>;
  /** Stops one; one that is over stays as it is. @throws OperationNotFoundError */
  stop(operationId: string): Promise<Operation>;
}

/** What mass actions need. */
export interface OperateTasksDeps {
  readonly records: Pick<TaskRecords, 'count' | 'search'>;
  readonly operations: TaskOperations;
  readonly system: Pick<System, 'newId'>;
}

const sampleSize = 10;

/** Makes the use cases of mass actions. */
export function createOperateTasks({ records, operations, system }: OperateTasksDeps): OperateTasks {
  const found = (operation: Operation | undefined, operationId: string): Operation => {
    if (!operation) throw new OperationNotFoundError(operationId);
    return operation;
  };
  return {
    preview: async (request) => {
      const filter = operableOrThrow(request);
      const count = await records.count(filter);
      const { items } = await records.search({ ...filter, limit: sampleSize, bare: true });
      return { count, sample: items };
    },
    start: async (request, { scope = '', sent } = {}) => {
      const { action, filter, perSecond = operationPace.default, idempotencyKey: key } = request;
      const operable = operableOrThrow(request);
      const fingerprint = canonicalJson(sent ?? (JSON.parse(JSON.stringify(request)) as Json));
      const idempotency = key === undefined ? undefined : { scope, key, fingerprint };
      const create = async () => {
        const total = await records.count(operable);
        return operations.create({ id: system.newId(), action, filter, total, perSecond, idempotency });
      };
      // What has been started is answered even if it could not be counted any more.
      const outcome = (idempotency && (await operations.startedBefore(idempotency))) ?? (await create());
      if (outcome.kind === 'keyReused') throw new IdempotencyKeyReusedError('operation', outcome.operationId);
      return { operation: outcome.operation, replayed: outcome.kind === 'replayed' };
    },
    get: async (operationId) => found(await operations.get(operationId), operationId),
    list: (query = {}) => operations.list({ limit: 50, ...query }),
    stop: async (operationId) => found(await operations.stop(operationId), operationId),
  };
}

/** The filter of a request, narrowed to what the action can be done to. */
function operableOrThrow({ action, filter, all = false, perSecond }: OperationRequest): TaskFilter {
  const problems: Problem[] = [];
  const { least, most } = operationPace;
  if (perSecond !== undefined && !(Number.isInteger(perSecond) && perSecond >= least && perSecond <= most)) {
    problems.push({ pointer: '#/perSecond', detail: `must be an integer from ${least} to ${most}` });
  }
  const isEmpty = isEmptyFilter(filter);
  if (isEmpty && !all)
    problems.push({ pointer: '#/filter', detail: 'is empty; say "all": true if every task is meant' });
  if (!isEmpty && all) problems.push({ pointer: '#/all', detail: 'cannot be given together with a filter' });
  const operable = operableFilter(action, filter);
  if (operable.states?.length === 0) {
    const states = operableStates(action).join(', ');
    problems.push({
      pointer: '#/filter/state',
      detail: `has none from which a task can be ${pastOf[action]}: ${states}`,
    });
  }
  if (problems.length > 0) throw new InvalidRequestError(problems);
  return operable;
}

const pastOf: Readonly<Record<OperationAction, string>> = { cancel: 'cancelled', retry: 'retried' };
