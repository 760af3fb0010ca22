import { BaseAdapter } from '@bull-board/api/dist/queueAdapters/base.js';
import type {
  JobCounts,
  JobStatus,
  QueueJob,
  QueueJobOptions,
  QueueMetrics,
  QueueWorker,
  Status,
} from '@bull-board/api/dist/types.js';
import { type Json, type Navette, TaskNotFoundError } from '@navette/domain';
import { BoardRefusal, forBoard } from './board-refusal.ts';
import { boardTabs, statesOf } from './board-states.ts';
import { attemptLine, boardTask } from './board-task.ts';

/** The board asks for pages of its own size; the store gives at most this many. */
const maxPage = 100;

const refuse = (what: string): Promise<never> => Promise.reject(new BoardRefusal(`Navette does not ${what}`));

/**
 * One queue as the store has it: its whole history, in every set-up. Retry, cancel, promote and pause go through the
 * use cases, so that the record stays the truth; what would delete records behind their back is refused.
 */
export class StoreQueueAdapter extends BaseAdapter {
  readonly #navette: Navette;
  readonly #queue: string;

  constructor(navette: Navette, queue: string) {
    // Of type `bull`: of a `bullmq` queue the board expects BullMQ's own flows.
    super('bull', { description: 'every task, from the store', allowRetries: true, allowCompletedRetries: true });
    this.#navette = navette;
    this.#queue = queue;
  }

  getName(): string {
    return this.#queue;
  }

  getStatuses(): Status[] {
    return ['latest', ...boardTabs];
  }

  getJobStatuses(): JobStatus[] {
    return boardTabs;
  }

  async getJobCounts(): Promise<JobCounts> {
    const summary = await this.#summary();
    const count = (tab: JobStatus) => statesOf([tab]).reduce((sum, state) => sum + (summary?.counts[state] ?? 0), 0);
    return Object.fromEntries(boardTabs.map((tab) => [tab, count(tab)])) as JobCounts;
  }

  async getJobs(tabs: JobStatus[], start = 0, end = start + maxPage - 1): Promise<QueueJob[]> {
    const page = await forBoard(
      this.#navette.search({
        queue: this.#queue,
        states: statesOf(tabs),
        offset: start,
        limit: Math.min(Math.max(end - start + 1, 1), maxPage),
      }),
    );
    return page.items.map((task) => boardTask(task, this.#navette));
  }

  async getJob(id: string): Promise<QueueJob | undefined> {
    try {
      const task = await this.#navette.get(id);
      return task.queue === this.#queue ? boardTask(task, this.#navette) : undefined;
    } catch (error) {
      if (error instanceof TaskNotFoundError) return undefined;
      throw error;
    }
  }

  /** What happened, attempt by attempt: what the handler wrote, then how the attempt ended. */
  async getJobLogs(id: string): Promise<string[]> {
    const [task, logs] = await Promise.all([this.#navette.get(id), this.#navette.logs(id, { limit: 1_000 })]);
    return task.attempts.flatMap((attempt) => [
      ...logs.items
        .filter((line) => line.attempt === attempt.number)
        .map(({ at, message }) => `${at.toISOString()} attempt ${attempt.number} says: ${message}`),
      attemptLine(attempt),
    ]);
  }

  async addJob(name: string, data: unknown, options: QueueJobOptions): Promise<QueueJob> {
    const submitted = await forBoard(
      this.#navette.submitRequest({
        type: name,
        payload: data as Json,
        delayMs: options.delay,
        retry: options.attempts === undefined ? undefined : { maxAttempts: options.attempts },
      }),
    );
    return boardTask(submitted.task, this.#navette);
  }

  async isPaused(): Promise<boolean> {
    return (await this.#summary())?.paused ?? false;
  }

  pause(): Promise<void> {
    return forBoard(this.#navette.pause(this.#queue));
  }

  resume(): Promise<void> {
    return forBoard(this.#navette.resume(this.#queue));
  }

  async promoteAll(): Promise<void> {
    for (;;) {
      const delayed = await this.getJobs(['delayed'], 0, maxPage - 1);
      // A task that became due or ended meanwhile refuses the promotion, and that is fine.
      const promoted = await Promise.allSettled(delayed.map((job) => job.promote()));
      if (!promoted.some((result) => result.status === 'fulfilled')) return;
    }
  }

  override async getWorkers(): Promise<QueueWorker[]> {
    const workers = (await this.#navette.workers()).filter((worker) => this.#queue in worker.queues);
    const now = Date.now();
    return workers.map((worker) => ({
      id: worker.id,
      name: `${worker.name} (${worker.queues[this.#queue]} slots)`,
      addr: '',
      age: Math.max(0, Math.round((now - worker.startedAt.getTime()) / 1000)),
    }));
  }

  async getMetrics(): Promise<QueueMetrics> {
    return { meta: { count: 0, prevTS: 0, prevCount: 0 }, data: [], count: 0 };
  }

  async getRedisInfo(): Promise<null> {
    return null;
  }

  async getGlobalConcurrency(): Promise<null> {
    return null;
  }

  async getJobSchedulers(): Promise<[]> {
    return [];
  }

  async getJobSchedulersCount(): Promise<number> {
    return 0;
  }

  clean(): Promise<void> {
    return refuse('delete history from the board: it is kept for its retention time');
  }

  empty(): Promise<void> {
    return refuse('empty a queue from the board: cancel the tasks instead');
  }

  obliterate(): Promise<void> {
    return refuse('obliterate a queue: an accepted task is kept');
  }

  setGlobalConcurrency(): Promise<void> {
    return refuse('set a concurrency across workers: each worker has its own, see NAVETTE_QUEUES');
  }

  removeJobScheduler(): Promise<boolean> {
    return refuse('have schedulers');
  }

  updateJobScheduler(): Promise<'not-found'> {
    return Promise.resolve('not-found');
  }

  runJobSchedulerNow(): Promise<'not-found'> {
    return Promise.resolve('not-found');
  }

  async #summary() {
    return (await this.#navette.queues()).find((summary) => summary.queue === this.#queue);
  }
}
