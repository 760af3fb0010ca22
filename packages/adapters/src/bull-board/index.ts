import type { BaseAdapter } from '@bull-board/api/dist/queueAdapters/base.js';
import type { Navette } from '@navette/domain';
import type { Queue } from 'bullmq';
import { StoreQueueAdapter } from './store-queue-adapter.ts';

export { StoreQueueAdapter };

/**
 * The queues for Bull Board: the store's view of each queue of the catalogue and, with Redis, the raw BullMQ queues
 * beside it, read-only.
 *
 * @param rawQueues BullMQ's own queues, where the broker is BullMQ.
 */
export async function boardQueues(navette: Navette, rawQueues: readonly Queue[] = []): Promise<BaseAdapter[]> {
  const queues: BaseAdapter[] = navette.catalogue.queues().map((queue) => new StoreQueueAdapter(navette, queue));
  if (rawQueues.length > 0) {
    // Loads bullmq, which a process without Redis need not have.
    const { RawQueueAdapter } = await import('./raw-queue-adapter.ts');
    queues.push(...rawQueues.map((queue) => new RawQueueAdapter(queue)));
  }
  return queues;
}
