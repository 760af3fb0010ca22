import { BrokerUnavailableError, type Log } from '@navette/domain';
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { createGatheringClient } from './gathering-client.ts';
import { type JobLanesDeps, startJobLanes } from './job-lanes.ts';
import { watchConnection } from './redis-connection.ts';
import { within } from './within.ts';

/** A BullMQ worker, its connections, and the lanes that fetch for it. */
export interface FetchingWorker {
  /** Stops fetching; what was fetched goes on. */
  hold(): void;
  resume(): void;
  /** Has idle workers of all processes look for jobs: BullMQ wakes none for a job that is put back. */
  wakeAll(): Promise<unknown>;
  /** Once nothing runs: waits a moment for what is still to be said to Redis. */
  finish(): Promise<void>;
  /** Lets go of everything, whatever it does and whether or not Redis answers. */
  retire(): Promise<void>;
}

/** What a fetching worker needs. */
export interface FetchingWorkerDeps extends Pick<JobLanesDeps, 'concurrency' | 'system' | 'onError'> {
  readonly queue: string;
  /** Prefix of every key. */
  readonly prefix: string;
  /** Opens a connection that waits for Redis as long as it takes. */
  readonly connect: () => Redis;
  readonly log: Log;
}

/** BullMQ's own `close` waits for a Redis that is away without limit. This is the limit, ms. */
const lastWordMs = 500;
/**
 * How long Redis keeps a fetched job for its worker without hearing of it, ms. A job that was fetched and never claimed,
 * because its worker died or the reply was lost, is handed over again when its lock has ended and was looked after: at
 * most 7.5 s later. From the claim on the lease decides, so a lock lost by a blocked event loop does no harm.
 */
const lockMs = 5_000;

/** Starts one that hands each job it fetches to `deliver`; it waits by itself for a Redis that is away. */
export function startFetchingWorker(deps: FetchingWorkerDeps, deliver: JobLanesDeps['deliver']): FetchingWorker {
  const { queue, prefix, concurrency, connect, system, log, onError } = deps;
  const redis = connect();
  watchConnection(redis, log, `consumer of ${queue}`, (cause) =>
    onError(new BrokerUnavailableError('lost Redis', { cause })),
  );
  // What an outage does to each command and connection is told once, by its beginning.
  const onErrorOfRedis = (error: unknown) => {
    const isOfSocket = error instanceof Error && 'syscall' in error;
    if (redis.status === 'ready' && !isOfSocket) onError(error);
  };
  const worker = new Worker(queue, null, {
    connection: createGatheringClient(redis),
    prefix,
    lockDuration: lockMs,
    stalledInterval: lockMs / 2,
    // Out of reach: BullMQ would fail the job.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    // The history is the store's: keeping completed jobs costs a fifth of Redis's work. A failed one is a bug.
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 100 },
  });
  worker.on('error', onErrorOfRedis);
  void worker.startStalledCheckTimer();
  const lanes = startJobLanes({ worker, concurrency, lockMs, system, deliver, onError: onErrorOfRedis });
  return {
    hold: lanes.hold,
    resume: lanes.resume,
    wakeAll: () => redis.zadd(worker.toKey('marker'), 0, '0'),
    finish: () => within(system, lastWordMs, lanes.close()),
    retire: async () => {
      void lanes.close();
      await within(system, lastWordMs, worker.close(true));
      await within(system, lastWordMs, worker.getBackend().close(true));
      redis.disconnect();
    },
  };
}
