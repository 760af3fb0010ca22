import type { System } from '../ports/system.ts';
import type { TaskRecords } from '../ports/task-records.ts';
import type { LiveWorker, Upkeep } from '../ports/upkeep.ts';
import type { Catalogue } from '../task-type.ts';
import { stallAfterMs } from './flow-watch.ts';

/** How work flows in one queue, as anybody can tell who reads the store. */
export interface QueueFlow {
  readonly queue: string;
  /** How long the longest-waiting task has been there that could be started, ms; 0 if none waits. */
  readonly waitedMs: number;
  /** Live workers that consume it. */
  readonly consumers: number;
  /** Work waits and none of it is started, though the workers have room, or there is no worker. */
  readonly stalled: boolean;
}

/** What a report needs. */
export interface FlowReportDeps {
  readonly records: Pick<TaskRecords, 'waiting'>;
  readonly upkeep: Pick<Upkeep, 'workers'>;
  readonly catalogue: Pick<Catalogue, 'queues' | 'names'>;
  readonly system: Pick<System, 'monotonicMs'>;
}

/**
 * Makes a report of all queues, for metrics and readiness. A queue stalls while the same task has been its next at every
 * report for half a minute: so somebody has to ask now and then, and the first answer after a long while knows of none.
 */
export function createFlowReport({ records, upkeep, catalogue, system }: FlowReportDeps): () => Promise<QueueFlow[]> {
  /** The entry that is next in each queue, and since when it could have been started, on the monotonic clock. */
  const heads = new Map<string, { readonly next: string; readonly since: number }>();

  const hasStood = (queue: string, next: string, hasRoom: boolean): boolean => {
    const now = system.monotonicMs();
    const known = heads.get(queue);
    if (hasRoom && known?.next === next) return now - known.since >= stallAfterMs;
    heads.set(queue, { next, since: now });
    return false;
  };

  return async () => {
    const workers = await upkeep.workers();
    const names = new Set([...catalogue.queues(), ...workers.flatMap((worker) => Object.keys(worker.queues))]);
    const types = new Set(workers.length === 0 ? catalogue.names() : workers.flatMap((worker) => worker.types));
    const waits = await records.waiting([...names], [...types]);
    return [...names].sort().map((queue) => {
      const consumers = workers.filter(({ queues }) => Object.hasOwn(queues, queue));
      const wait = waits.find((each) => each.queue === queue);
      if (!wait) {
        heads.delete(queue);
        return { queue, waitedMs: 0, consumers: consumers.length, stalled: false };
      }
      const { waitedMs, running, next } = wait;
      const hasRoom = consumers.length === 0 || running < slotsOf(consumers, queue);
      return { queue, waitedMs, consumers: consumers.length, stalled: hasStood(queue, next, hasRoom) };
    });
  };
}

function slotsOf(consumers: readonly LiveWorker[], queue: string): number {
  return consumers.reduce((sum, { queues }) => sum + (queues[queue] ?? 0), 0);
}
