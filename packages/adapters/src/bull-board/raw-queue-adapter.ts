import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { JobCounts, JobStatus } from '@bull-board/api/dist/types.js';
import type { Queue } from 'bullmq';

/** How long the board waits for Redis before it shows a raw queue as empty, ms. */
const answerWithinMs = 1_000;

/**
 * A BullMQ queue as Redis has it: read-only, beside the store's view. A Redis that is away shows as an empty queue, so
 * that it never takes the board down.
 */
export class RawQueueAdapter extends BullMQAdapter {
  constructor(queue: Queue) {
    super(queue, { readOnlyMode: true, prefix: 'redis · ', description: 'as BullMQ has it, read-only' });
  }

  override getJobCounts(): Promise<JobCounts> {
    const none = Object.fromEntries(this.getJobStatuses().map((status) => [status, 0])) as JobCounts;
    return orElse(super.getJobCounts(), none);
  }

  override getJobs(statuses: JobStatus[], start?: number, end?: number): ReturnType<BullMQAdapter['getJobs']> {
    return orElse(super.getJobs(statuses, start, end), []);
  }

  override isPaused(): Promise<boolean> {
    return orElse(super.isPaused(), false);
  }

  override getGlobalConcurrency(): Promise<number | null> {
    return orElse(super.getGlobalConcurrency(), null);
  }

  override getJobSchedulersCount(): Promise<number> {
    return orElse(super.getJobSchedulersCount(), 0);
  }

  override getActiveRateLimitTtl(): Promise<number> {
    return orElse(super.getActiveRateLimitTtl(), 0);
  }

  override getWorkers() {
    return orElse(super.getWorkers(), null);
  }

  override getRedisInfo(): Promise<string | null> {
    return orElse(super.getRedisInfo(), null);
  }
}

function orElse<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(otherwise), answerWithinMs);
    asked.then(resolve, () => resolve(otherwise)).finally(() => clearTimeout(timer));
  });
}
