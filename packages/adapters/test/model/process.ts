import { createNavette, type Log, type Navette, type TaskBroker, type TaskEvents, type Worker } from '@navette/domain';
import type { ManualSystem, MemoryStore } from '../../src/memory/index.ts';
import { type Handlers, type TypeName, typeNames } from './handlers.ts';
import { createLink, type Latency, type Link, systemBehind } from './link.ts';

/** What all processes share. */
export interface Surroundings {
  readonly system: ManualSystem;
  readonly store: MemoryStore;
  readonly events: TaskEvents;
  readonly handlers: Handlers;
  readonly log: Log;
  /** Connects one more process to the broker. */
  connect(link: Link, own: Pick<MemoryStore, 'system' | 'dequeue'>): TaskBroker;
}

/** How a process differs from others. */
export interface ProcessOptions {
  /** The task types it knows; default all. */
  readonly types?: readonly TypeName[];
  /** How far its wall clock is off, ms. */
  readonly skewMs?: number;
  /** Of its calls; default none. */
  readonly latency?: Latency;
}

/** One process: a Navette of its own on the common store, behind a link that faults are put on. */
export interface Process {
  readonly link: Link;
  readonly navette: Navette;
}

/** A process that works. */
export interface WorkerProcess extends Process {
  readonly worker: Worker;
}

/** Which part of the events is lost. They are hints, so nothing may depend on them. */
const lostEvents = 0.2;
/** Finished tasks are kept this long, ms. */
const retentionMs = 30_000;
/** Short, so that little time need pass until a worker is lost. */
const lease = { leaseMs: 5_000, renewEveryMs: 1_000 };

/** Starts a process that only submits and controls. */
export function startProcess(
  { system, store, events, handlers, log, connect }: Surroundings,
  { types = typeNames, skewMs = 0, latency = () => 0 }: ProcessOptions = {},
  workerId: () => string = () => '',
): Process {
  const link = createLink(system, latency);
  const own = systemBehind(link, system, skewMs);
  const { dequeue } = link.through({ dequeue: store.dequeue }, 'store');
  const navette = createNavette({
    store: {
      ...store,
      records: link.through(store.records, 'store'),
      attempts: link.through(store.attempts, 'store'),
      control: link.through(store.control, 'store'),
      upkeep: link.through(store.upkeep, 'store'),
      ledger: link.through(store.ledger, 'store'),
      transactions: {
        within: store.transactions.within,
        onCommitted: (listener) =>
          store.transactions.onCommitted((tasks) =>
            link.whenAlive(() => void (system.random() < lostEvents || listener(tasks))),
          ),
      },
    },
    broker: connect(link, { system: own, dequeue }),
    events: {
      ...events,
      publish: (published) => link.whenAlive(() => void (system.random() < lostEvents || events.publish(published))),
      subscribe: (taskId, listener) => events.subscribe(taskId, (event) => link.whenAlive(() => listener(event))),
    },
    system: own,
    log,
    tasks: handlers.typesOf(workerId, types),
  });
  return { link, navette };
}

/** Starts a process that works. */
export function startWorkerProcess(surroundings: Surroundings, options: ProcessOptions): WorkerProcess {
  const { link, navette } = startProcess(surroundings, options, () => worker.id);
  const times = { shutdownMs: 4_000, graceMs: 2_000, retentionMs, lease };
  const worker: Worker = navette.work({ queues: { '*': 3 }, ...times });
  return { link, navette, worker };
}
