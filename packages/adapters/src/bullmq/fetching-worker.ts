import { BrokerUnavailableError, type Log, type System } from '@navette/domain';
import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { createGatheringClient } from './gathering-client.ts';
import { watchConnection } from './redis-connection.ts';
import { within } from './within.ts';

/** A BullMQ worker and its connections. */
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

/** Starts a BullMQ worker that hands each job it fetches to `deliver`. */
export type StartWorker = (redis: Redis, deliver: (job: Job, token?: string) => Promise<void>) => Worker;

/** What a fetching worker needs. */
export interface FetchingWorkerDeps {
  readonly queue: string;
  /** Opens a connection that waits for Redis as long as it takes. */
  readonly connect: () => Redis;
  readonly startWorker: StartWorker;
  readonly deliver: Parameters<StartWorker>[1];
  readonly system: Pick<System, 'after'>;
  readonly log: Log;
  readonly onError: (error: unknown) => void;
}

/** BullMQ's own `close` waits without limit: for handlers, and for a Redis that is away. This is the limit, ms. */
const lastWordMs = 500;

/** Starts one; it waits by itself for a Redis that is away. */
export function startFetchingWorker(deps: FetchingWorkerDeps): FetchingWorker {
  const { queue, connect, startWorker, deliver, system, log, onError } = deps;
  const redis = connect();
  watchConnection(redis, log, `consumer of ${queue}`, (cause) =>
    onError(new BrokerUnavailableError('lost Redis', { cause })),
  );
  const worker = startWorker(redis, deliver);
  // What an outage does to each command has been told, by its beginning.
  worker.on('error', (error) => {
    if (redis.status === 'ready') onError(error);
  });
  return {
    hold: () => void worker.pause(true).catch(onError),
    resume: () => void worker.resume().catch(onError),
    wakeAll: () => redis.zadd(worker.toKey('marker'), 0, '0'),
    finish: () => within(system, lastWordMs, worker.close()),
    retire: async () => {
      await within(system, lastWordMs, worker.close(true));
      await within(system, lastWordMs, worker.getBackend().close(true));
      redis.disconnect();
    },
  };
}

/** How long Redis keeps a fetched job for its worker without hearing of it, ms. */
const lockMs = 5_000;

/**
 * Starts BullMQ's worker. A job that was fetched and never claimed, because its worker died or the reply was lost, is
 * handed over again when its lock has ended and was looked after: at most 7.5 s later. From the claim on the lease
 * decides, so a lock lost by a blocked event loop does no harm.
 */
export function bullmqWorkerStarter(queue: string, concurrency: number, prefix: string): StartWorker {
  return (redis, deliver) =>
    new Worker(queue, deliver, {
      connection: createGatheringClient(redis),
      prefix,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      // Out of reach: BullMQ would fail the job.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      runRetryDelay: 1_000,
      // The history is the store's: keeping completed jobs costs a fifth of Redis's work. A failed one is a bug.
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 100 },
    });
}
