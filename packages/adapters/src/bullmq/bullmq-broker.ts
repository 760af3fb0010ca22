import {
  type BrokerAudit,
  BrokerUnavailableError,
  type Consumer,
  type Log,
  type System,
  silentLog,
  type TaskBroker,
} from '@navette/domain';
import { Job, type Queue } from 'bullmq';
import { createSystem } from '../system/index.ts';
import { createAskRedis } from './ask-redis.ts';
import { byQueue, createBrokerAudit } from './broker-audit.ts';
import { createBullmqConsumer } from './bullmq-consumer.ts';
import { createDispatchLane, type DispatchLane, type DispatchLaneDeps } from './dispatch-lane.ts';
import { startFetchingWorker } from './fetching-worker.ts';
import { type QueueJob, queueJobOf } from './queue-job.ts';
import { createQueueSet } from './queue-set.ts';
import {
  connectImpatiently,
  connectPatiently,
  defaultPrefix,
  type RedisAddress,
  watchConnection,
} from './redis-connection.ts';

/** How the broker on Redis is set up. */
export interface BullmqBrokerOptions extends RedisAddress {
  /** Prefix of every key, without a final `:`; default `{navette}`. */
  readonly prefix?: string | undefined;
  /** Default: says nothing. */
  readonly log?: Log | undefined;
  /** Default: the machine's. */
  readonly system?: Pick<System, 'after'> | undefined;
  /** How long one call may wait for Redis, ms; default 800. */
  readonly deadlineMs?: number | undefined;
}

/** A broker on Redis. */
export interface BullmqBroker extends TaskBroker {
  readonly audit: BrokerAudit;
  /** A queue as BullMQ has it, for a board to read. Works whether or not Redis can be reached; the broker closes it. */
  rawQueue(name: string): Queue;
}

/** Makes a broker on Redis. It may be made, and is of use again by itself, whenever Redis is away. */
export function createBullmqBroker(options: BullmqBrokerOptions): BullmqBroker {
  const { prefix = defaultPrefix, log = silentLog, system = createSystem(), deadlineMs = 800 } = options;
  const redis = connectImpatiently(options, deadlineMs);
  watchConnection(redis, log, 'broker');
  const ask = createAskRedis(redis, system, deadlineMs);
  const queues = createQueueSet(redis, prefix, log);
  const lanes = new Map<string, DispatchLane>();
  const consumers: Consumer[] = [];
  let closing: Promise<void> | undefined;

  const laneOf = (queue: string): DispatchLane => {
    const present = lanes.get(queue);
    if (present) return present;
    const send: DispatchLaneDeps['send'] = (dispatches) => addJobs(queues.get(queue), dispatches.map(queueJobOf));
    const lane = createDispatchLane({ send, system, deadlineMs });
    lanes.set(queue, lane);
    return lane;
  };

  const close = async () => {
    await Promise.all(consumers.map((consumer) => consumer.close(0)));
    await Promise.all([...lanes.values()].map((lane) => lane.idle()));
    await queues.close();
    redis.disconnect();
  };

  return {
    dispatch: async (dispatches) => {
      if (closing || redis.status !== 'ready') throw new BrokerUnavailableError('Redis is not connected');
      await Promise.all([...byQueue(dispatches)].map(([queue, ofQueue]) => laneOf(queue).add(ofQueue)));
    },
    consume: (consumption) => {
      const { queue, concurrency, onError } = consumption;
      const connect = () => connectPatiently(options);
      const consumer = createBullmqConsumer({
        consumption,
        system,
        log,
        startWorker: (deliver) =>
          startFetchingWorker({ queue, prefix, concurrency, connect, system, log, onError }, deliver),
        waiting: () => ask(() => queues.waitingIn(queue)),
      });
      consumers.push(consumer);
      return consumer;
    },
    // While the flag stands nobody fetches, so a paused backlog keeps its order and costs nothing; resuming wakes workers.
    setPaused: (name, paused) =>
      ask(async () => {
        const queue = queues.get(name);
        if ((await queue.isPaused()) === paused) return;
        await (paused ? queue.pause() : queue.resume());
      }),
    healthy: () =>
      ask(() => redis.ping()).then(
        () => true,
        () => false,
      ),
    close: () => {
      closing ??= close();
      return closing;
    },
    audit: createBrokerAudit({ redis, ask, prefix, keyOf: (queue, collection) => queues.get(queue).toKey(collection) }),
    rawQueue: (name) => queues.get(name),
  };
}

/** Adds jobs. Said in one breath, they are one command. */
function addJobs(queue: Queue, jobs: readonly QueueJob[]): Promise<unknown> {
  return Promise.all(jobs.map(({ name, data, opts }) => Job.create(queue, name, data, opts)));
}
