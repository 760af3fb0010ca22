import type { AttemptObserver } from '../ports/attempt-observer.ts';
import type { Log } from '../ports/log.ts';
import type { System } from '../ports/system.ts';
import type { Consumer, TaskBroker } from '../ports/task-broker.ts';
import type { TaskEvents } from '../ports/task-events.ts';
import type { TaskStore } from '../ports/task-store.ts';
import type { WorkerInfo } from '../ports/upkeep.ts';
import type { Catalogue } from '../task-type.ts';
import { createFlowWatch, type StalledQueue } from './flow-watch.ts';
import { createHeldAttempts } from './held-attempts.ts';
import { createLeaseKeeper, defaultLeaseTimes, type LeaseTimes } from './lease-keeper.ts';
import { createAttemptRunner } from './run-attempt.ts';
import { createRunningHints } from './running-hints.ts';
import { createSteward } from './steward.ts';
import type { SubmitTask } from './submit-task.ts';
import { checkQueues, expandQueues, type WorkerQueues } from './worker-queues.ts';

/** How a worker works. */
export interface WorkOptions {
  /** Default `{ '*': 50 }`. */
  readonly queues?: WorkerQueues | undefined;
  /** Time given to running attempts when it stops, ms; default 25,000. */
  readonly shutdownMs?: number | undefined;
  /** Time a stopped handler has to end before it is abandoned, ms; default 5,000. */
  readonly graceMs?: number | undefined;
  readonly lease?: LeaseTimes | undefined;
  /** Finished tasks are kept this long, ms; default for ever. */
  readonly retentionMs?: number | undefined;
  /** No other worker can exist (an embedded store): what a dead one left is taken over at once. */
  readonly alone?: boolean | undefined;
  /** What people see as the worker's name. */
  readonly name?: string | undefined;
}

/** What a worker needs. */
export interface WorkDeps {
  readonly catalogue: Catalogue;
  readonly store: TaskStore;
  readonly broker: TaskBroker;
  readonly events: TaskEvents;
  readonly system: System;
  readonly log: Log;
  readonly submitRequest: SubmitTask;
  readonly observe?: AttemptObserver | undefined;
}

/** A running worker. The process stays alive until it has stopped. */
export interface Worker {
  readonly id: string;
  /** Resolves when it has its first lease and consumes; it waits for a store that is away. */
  readonly ready: Promise<void>;
  /** How it is doing now; reads nothing but memory. */
  status(): WorkerStatus;
  /**
   * Stops: fetches nothing more, lets what runs finish for the shutdown time, hands back the rest. A second call gives
   * the same promise.
   */
  stop(): Promise<void>;
}

/** How a worker is doing. */
export interface WorkerStatus {
  readonly state: 'starting' | 'running' | 'stopping' | 'stopped';
  /** Whether its lease is beyond doubt. */
  readonly leased: boolean;
  /** Attempts under way. */
  readonly running: number;
  /** Handlers that ignored their signal and were abandoned. */
  readonly abandoned: number;
  /** Attempts that ended here since the start. */
  readonly ended: number;
  /** The queues in which work waits though this worker has room, and starts none. */
  readonly stalled: readonly StalledQueue[];
}

/** After the running attempts' time is up: how long they have to end once their signal is raised, ms. */
const interruptGraceMs = 1_000;
/** How long a broker may take to let go, ms. */
const closeBrokerMs = 2_000;

/**
 * Starts a worker.
 * @throws InvalidRequestError for queues that no task type has, and concurrency that is none
 */
export function work(deps: WorkDeps, options: WorkOptions = {}): Worker {
  const { catalogue, store, broker, events, system, log } = deps;
  const { queues: asked = { '*': 50 } } = options;
  checkQueues(asked, catalogue);
  const queues = expandQueues(asked, catalogue);
  const letGo = system.keepAlive();
  const info: WorkerInfo = {
    id: system.newId(),
    name: options.name ?? 'worker',
    queues,
    types: catalogue.names(),
  };
  const runner = createAttemptRunner({ ...deps, attempts: store.attempts, graceMs: options.graceMs ?? 5_000 });
  const times = options.lease ?? defaultLeaseTimes;
  let state: WorkerStatus['state'] = 'starting';
  let ended = 0;
  let consumers: Consumer[] = [];
  let unsubscribe = () => {};
  const reportConsumerError = (error: unknown) => log.warn({ err: error }, 'a consumer met an error and goes on');

  const heldAttempts = createHeldAttempts({ worker: info.id, runner, attempts: store.attempts, events, log });
  const keeper = createLeaseKeeper({
    worker: info,
    upkeep: store.upkeep,
    system,
    log,
    times,
    onRenewed: heldAttempts.follow,
    onLapsed: () => runner.stopAll('superseded'),
  });
  const steward = createSteward({
    ...deps,
    queues: Object.keys(queues),
    retentionMs: options.retentionMs,
    judge: {
      id: info.id,
      mayJudge: () => (options.alone ? keeper.isLive() : keeper.isSettled()),
      onDoubt: keeper.doubt,
    },
  });

  const mayClaim = () => state === 'running' && keeper.isLive();
  const flow = createFlowWatch({ records: store.records, system, log, queues, types: info.types, mayClaim });

  const hints = createRunningHints(runner.held, deps);

  const consume = (queue: string, concurrency: number): Consumer =>
    broker.consume({
      worker: info.id,
      queue,
      concurrency,
      types: info.types,
      claim: store.attempts.claim,
      mayClaim,
      handle: async (claimed, onRan) => {
        const leave = flow.enter(queue);
        await runner.run(claimed, onRan);
        leave();
        ended++;
      },
      onError: reportConsumerError,
    });

  const start = async () => {
    unsubscribe = await events.subscribe(undefined, (event) => {
      if (event.kind === 'cancel') runner.stop(event.taskId, 'cancelled');
      else if (event.kind === 'state' && (event.state === 'scheduled' || event.state === 'retrying')) steward.nudge();
    });
    // Stopped while it was subscribing: `stop` had nothing yet to unsubscribe.
    if (state !== 'starting') return unsubscribe();
    await keeper.start();
    if (state !== 'starting') return;
    state = 'running';
    consumers = Object.entries(queues).map(([queue, concurrency]) => consume(queue, concurrency));
    steward.start();
    flow.start();
    hints.start();
    log.info({ worker: info.id, queues, types: info.types.length }, 'worker running');
  };

  const stop = async () => {
    state = 'stopping';
    flow.stop();
    hints.stop();
    // A step of its round may wait long for the store: attempts must be handed back meanwhile.
    const stewardStopped = steward.stop();
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await settleAll(options.shutdownMs ?? 25_000);
    await handBackUnknown();
    await Promise.all(consumers.map((consumer) => consumer.close(closeBrokerMs)));
    await stewardStopped;
    await keeper.stop();
    unsubscribe();
    state = 'stopped';
    log.info({ worker: info.id, ended }, 'worker stopped');
  };

  /** What a lost reply has left running under this worker would count as lost once the lease is given up. */
  const handBackUnknown = async () => {
    if (consumers.length === 0) return;
    try {
      await heldAttempts.handBackUnknown(await store.upkeep.renew(info, times.leaseMs));
    } catch (error) {
      log.warn({ err: error }, 'could not ask what is left running, its attempts count as lost');
    }
  };

  const settleAll = async (shutdownMs: number) => {
    if (await runsOut(shutdownMs)) return;
    runner.stopAll('interrupted');
    if (await runsOut((options.graceMs ?? 5_000) + interruptGraceMs)) return;
    runner.giveUp();
  };

  /** Whether everything that runs here ends within that time, ms. */
  const runsOut = async (withinMs: number): Promise<boolean> => {
    let cancelTimer = () => {};
    const timeUp = new Promise<boolean>((resolve) => {
      cancelTimer = system.after(withinMs, () => resolve(false));
    });
    const answer = await Promise.race([runner.idle().then(() => true), timeUp]);
    cancelTimer();
    return answer;
  };

  let stopping: Promise<void> | undefined;
  const ready = start().catch((error: unknown) => {
    letGo();
    log.error({ err: error }, 'the worker could not start');
  });
  return {
    id: info.id,
    ready,
    status: () => ({
      state,
      leased: keeper.isLive(),
      running: runner.held().length,
      abandoned: runner.abandoned,
      ended,
      stalled: flow.stalled(),
    }),
    stop: () => {
      stopping ??= stop().finally(letGo);
      return stopping;
    },
  };
}
