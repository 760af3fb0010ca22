import type { AbortSignalLike } from './abort.ts';
import { TaskNotFoundError } from './errors.ts';
import type { AttemptObserver } from './ports/attempt-observer.ts';
import type { LogPage } from './ports/attempts.ts';
import { type Log, silentLog } from './ports/log.ts';
import type { System } from './ports/system.ts';
import type { TaskBroker } from './ports/task-broker.ts';
import type { TaskEvents } from './ports/task-events.ts';
import type { QueueSummary, TaskFilter, TaskPage, TaskQuery } from './ports/task-records.ts';
import type { TaskStore } from './ports/task-store.ts';
import type { LiveWorker } from './ports/upkeep.ts';
import { createSubmitter, type RequestSubmitter, type Submitter } from './submitter.ts';
import type { TaskWithAttempts } from './task.ts';
import { type AnyTaskType, type Catalogue, createCatalogue } from './task-type.ts';
import { createAnnounceTasks } from './use-cases/announce-tasks.ts';
import { type ControlTask, createControlTask } from './use-cases/control-task.ts';
import { createFlowReport, type QueueFlow } from './use-cases/flow-report.ts';
import { createFollowTask, type FollowOptions, type TaskNews } from './use-cases/follow-task.ts';
import { createFollowTasks, type TasksNews } from './use-cases/follow-tasks.ts';
import { createLiveChanges } from './use-cases/live-changes.ts';
import { createOperateTasks, type OperateTasks } from './use-cases/operate-tasks.ts';
import { createTaskWatch } from './use-cases/task-watch.ts';
import { createWaitForTask } from './use-cases/wait-for-task.ts';
import { type Worker, type WorkOptions, work } from './use-cases/work.ts';

/** What a Navette is made of. */
export interface NavetteParts {
  readonly store: TaskStore;
  readonly broker: TaskBroker;
  readonly events: TaskEvents;
  readonly system: System;
  /** The task types this process knows. */
  readonly tasks: readonly AnyTaskType[];
  /** Default: says nothing. */
  readonly log?: Log | undefined;
  /** Is told how the attempts of this process end, for metrics. */
  readonly observe?: AttemptObserver | undefined;
}

/** The library's door: submit, look, wait, control, work. */
export interface Navette extends Submitter, RequestSubmitter, ControlTask {
  readonly catalogue: Catalogue;
  /**
   * Submits as part of a transaction of the store's database that is the caller's own: a Kysely transaction, or a `pg`
   * client in one. The tasks are there once it commits, and never were if it is rolled back.
   *
   * What is given as a submitted task is what it will be. The calls throw what they throw without a transaction, and what
   * the transaction's connection throws; after an error that calls for it, roll back.
   * @throws TypeError for what is no open transaction
   */
  within(transaction: object): Submitter;
  /** @throws TaskNotFoundError */
  get(taskId: string): Promise<TaskWithAttempts>;
  /**
   * Waits until a task is over, at most `timeoutMs` (default 60,000); gives the task as it is then.
   * @throws TaskNotFoundError
   */
  wait(taskId: string, options?: { timeoutMs?: number; signal?: AbortSignalLike }): Promise<TaskWithAttempts>;
  /**
   * Follows a task to its end: its present state, then its log and every change; `undefined` where `after` is its end.
   * @throws TaskNotFoundError, InvalidQueryError for an `after` that is not the `id` of such news
   */
  follow(taskId: string, options?: FollowOptions): Promise<AsyncIterable<TaskNews> | undefined>;
  /**
   * Follows all tasks that a filter finds, until the signal is raised: from now on, or after the `id` of earlier news.
   * @throws InvalidQueryError, StoreUnavailableError
   */
  followAll(filter?: TaskFilter, options?: FollowOptions): Promise<AsyncIterable<TasksNews>>;
  /** Finds tasks, newest submission first. @throws InvalidQueryError */
  search(query?: Partial<TaskQuery>): Promise<TaskPage>;
  /** What handlers wrote, oldest line first. @throws TaskNotFoundError, InvalidQueryError */
  logs(taskId: string, query?: { limit?: number; cursor?: string }): Promise<LogPage>;
  /** The queues that are known, with how many of their tasks are in which state. @throws StoreUnavailableError */
  queues(): Promise<QueueSummary[]>;
  /** Mass actions: cancel or retry all tasks that a filter finds. */
  readonly operations: OperateTasks;
  /** How work flows in the queues of the catalogue and of the live workers; cheap enough to be asked every few seconds. */
  flow(): Promise<QueueFlow[]>;
  /** The workers whose lease is live. */
  workers(): Promise<LiveWorker[]>;
  /** Starts a worker in this process. */
  work(options?: WorkOptions): Worker;
  /** Stops the workers it started, then frees broker, events and store. */
  close(): Promise<void>;
}

/**
 * Makes a Navette of its parts.
 * @throws InvalidCatalogueError
 */
export function createNavette(parts: NavetteParts): Navette {
  const { store, broker, events, system } = parts;
  const catalogue = createCatalogue(parts.tasks);
  const deps = { ...parts, catalogue, log: parts.log ?? silentLog };
  const live = createLiveChanges({ ...deps, feed: store.feed });
  const watch = createTaskWatch({ ...deps, feed: store.feed });
  const announce = createAnnounceTasks({ ...deps, noticed: live.notice });
  const submitter = createSubmitter({ ...deps, records: store.records, announce });
  const flow = createFlowReport({ ...deps, records: store.records, upkeep: store.upkeep });
  // Where the store is the queue, its workers hear of the commit themselves.
  const leave = broker.audit ? store.transactions.onCommitted((tasks) => void announce(tasks)) : () => {};
  const controlTask = createControlTask({ ...deps, control: store.control });
  const waitForTask = createWaitForTask({ records: store.records, watch, system });
  const followTask = createFollowTask({ ...store, watch });
  const followTasks = createFollowTasks({ feed: store.feed, live, system });
  const workers: Worker[] = [];
  const found = <T>(task: T | undefined, taskId: string): T => {
    if (task === undefined) throw new TaskNotFoundError(taskId);
    return task;
  };
  return {
    ...controlTask,
    catalogue,
    ...submitter,
    within: (transaction) => {
      const records = store.transactions.within(transaction);
      const { submit, submitMany } = createSubmitter({ ...deps, records, announce: async () => {} });
      return { submit, submitMany };
    },
    get: async (taskId) => found(await store.records.get(taskId), taskId),
    wait: async (taskId, { timeoutMs = 60_000, signal } = {}) =>
      found(await waitForTask(taskId, timeoutMs, signal), taskId),
    follow: followTask,
    followAll: (filter = {}, options) => followTasks(filter, options),
    search: (query = {}) => store.records.search({ limit: 50, ...query }),
    logs: async (taskId, query = {}) => {
      found(await store.records.get(taskId), taskId);
      return store.attempts.logs(taskId, { limit: 100, ...query });
    },
    queues: () => store.records.queues(),
    operations: createOperateTasks({ ...store, system }),
    flow,
    workers: () => store.upkeep.workers(),
    work: (options) => {
      const worker = work({ ...deps, submitRequest: submitter.submitRequest }, options);
      workers.push(worker);
      return worker;
    },
    close: async () => {
      leave();
      await Promise.all(workers.map((worker) => worker.stop()));
      await broker.close();
      await events.close();
      await store.close();
    },
  };
}
