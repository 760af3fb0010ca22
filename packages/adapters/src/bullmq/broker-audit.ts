import { randomUUID } from 'node:crypto';
import type { BrokerAudit, Dispatch } from '@navette/domain';
import type { Redis } from 'ioredis';
import { type AskRedis, repliesOf } from './ask-redis.ts';
import { jobIdOf } from './queue-job.ts';

/** What auditing needs. */
export interface BrokerAuditDeps {
  readonly redis: Redis;
  readonly ask: AskRedis;
  readonly prefix: string;
  /** The Redis key of one of a queue's collections. */
  readonly keyOf: (queue: string, collection: string) => string;
}

/** Makes the audit of what Redis holds. */
export function createBrokerAudit({ redis, ask, prefix, keyOf }: BrokerAuditDeps): BrokerAudit {
  const mark = `${prefix}:epoch`;

  /**
   * Which jobs a queue holds, from one moment (a job that moves on between two reads would be missed by both). By the
   * collections, not by the jobs' own hashes: an eviction may take the one without the other. `active` and `wait` are
   * no longer than twice the workers' slots: `wait` gets only what stalled.
   */
  const heldIn = async (queue: string, jobIds: readonly string[]): Promise<Set<string>> => {
    const results = await redis
      .multi()
      .zmscore(keyOf(queue, 'prioritized'), ...jobIds)
      .zmscore(keyOf(queue, 'delayed'), ...jobIds)
      .lrange(keyOf(queue, 'active'), 0, -1)
      .lrange(keyOf(queue, 'wait'), 0, -1)
      .exec();
    const [prioritized, delayed, active, wait] = repliesOf(results) as [unknown[], unknown[], string[], string[]];
    const held = new Set([...active, ...wait]);
    jobIds.forEach((jobId, i) => {
      if (prioritized[i] !== null || delayed[i] !== null) held.add(jobId);
    });
    return held;
  };

  const missingFrom = async (queue: string, dispatches: readonly Dispatch[]): Promise<Dispatch[]> => {
    const held = await heldIn(queue, dispatches.map(jobIdOf));
    return dispatches.filter((dispatch) => !held.has(jobIdOf(dispatch)));
  };

  return {
    missing: (dispatches) =>
      ask(async () => {
        const asked = [...byQueue(dispatches)].map(([queue, ofQueue]) => missingFrom(queue, ofQueue));
        return (await Promise.all(asked)).flat();
      }),
    // The mark goes with the data, `run_id` with the process, the replication id with a failover.
    epoch: () =>
      ask(async () => {
        const results = await redis
          .pipeline()
          .set(mark, randomUUID(), 'NX')
          .get(mark)
          .info('server')
          .info('replication')
          .exec();
        const [, present, server, replication] = repliesOf(results) as string[];
        return [present, infoField(server, 'run_id'), infoField(replication, 'master_replid')].join('/');
      }),
  };
}

/** The dispatches of each queue, in their order. */
export function byQueue(dispatches: readonly Dispatch[]): Map<string, Dispatch[]> {
  const groups = new Map<string, Dispatch[]>();
  for (const dispatch of dispatches) {
    const group = groups.get(dispatch.queue);
    if (group) group.push(dispatch);
    else groups.set(dispatch.queue, [dispatch]);
  }
  return groups;
}

function infoField(info: string | undefined, field: string): string {
  return new RegExp(`^${field}:(\\S+)`, 'm').exec(info ?? '')?.[1] ?? '';
}
