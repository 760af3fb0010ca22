import {
  AttemptStoppedError,
  isTerminal,
  type Log,
  NavetteError,
  PermanentError,
  RetryAfterError,
  type SubmitRequest,
} from '@navette/domain';
import {
  createManualSystem,
  createMemoryEvents,
  type ManualSystem,
  type MemoryStore,
  type MemoryTransaction,
} from '../../src/memory/index.ts';
import { createTable, type Table } from '../../src/memory/table.ts';
import { type BrokerKind, type BrokerSite, brokerSites } from './broker-site.ts';
import { createHandlers, HandlerFailure, type Handlers } from './handlers.ts';
import type { Latency } from './link.ts';
import { type Process, type ProcessOptions, startProcess, startWorkerProcess, type WorkerProcess } from './process.ts';
import { createStoreOver, watch } from './watched-store.ts';
import { createWitness, describeSeen, type Witness } from './witness.ts';

/** Puts a mistake into a store; the model is to find it. */
export type Mutate = (store: MemoryStore, table: Table) => MemoryStore;

/** A world to begin with. */
export interface WorldOptions {
  readonly broker: BrokerKind;
  /** Of latencies, lost events, jitter and ids. */
  readonly seed: number;
  readonly mutate?: Mutate | undefined;
  /** Of the workers' calls; default: mostly none, but so that calls overtake each other wherever they can. */
  readonly latency?: Latency | undefined;
}

/** A request with an idempotency key, as it was accepted. */
export interface KeyedRequest {
  readonly request: SubmitRequest;
  readonly taskId: string;
  readonly at: Date;
}

/** One store, one broker, one clock, and processes that come and go; and the witness who sees every change. */
export interface World {
  readonly system: ManualSystem;
  readonly site: BrokerSite;
  readonly handlers: Handlers;
  readonly witness: Witness;
  /** What people use. Its calls take no time. */
  readonly api: Process;
  /** Those whose process has not ended. */
  readonly workers: WorkerProcess[];
  /** Begins a transaction that is somebody's own. */
  begin(): MemoryTransaction;
  /** By idempotency key. */
  readonly keyed: Map<string, KeyedRequest>;
  startWorker(options?: ProcessOptions): void;
  /** Steps every wall clock forward, as when the machine had been suspended; the monotonic ones know nothing of it. */
  stepClock(ms: number): void;
  /** Lets what was begun go as far as it goes without time passing; fails if anything was not as it should be. */
  check(): Promise<void>;
  /** Mends everything, lets every handler return, and sees to it that every task that was accepted ends. */
  quiesce(): Promise<void>;
}

/** Idempotency keys hold this long, ms. */
export const keepKeysMs = 60_000;

/** Everything that is under way or waits must have ended this long after all has been mended, ms. */
const patienceMs = 240_000;
const stepMs = 2_000;

/** Makes a world with two workers. */
export function createWorld({ broker, seed, mutate = (store) => store, latency }: WorldOptions): World {
  const steady = createManualSystem({ seed });
  let steppedMs = 0;
  const system: ManualSystem = { ...steady, now: () => new Date(steady.now().getTime() + steppedMs) };
  const table = createTable(system);
  const witness = createWitness(table);
  const store = watch(mutate(createStoreOver(table, system, keepKeysMs), table), witness.look);
  const site = brokerSites[broker](system);
  const handlers = createHandlers();
  const log = objectingLog(witness.objections);
  const surroundings = { system, store, events: createMemoryEvents(), handlers, log, connect: site.connect };
  const workers: WorkerProcess[] = [];
  const api = startProcess(surroundings);

  const startWorker: World['startWorker'] = (options) => {
    workers.push(startWorkerProcess(surroundings, { latency: latency ?? latencyOf(system), ...options }));
  };

  const stepClock: World['stepClock'] = (ms) => {
    steppedMs += ms;
  };

  const check = async () => {
    await system.advance(0);
    if (witness.objections.length > 0) throw new Error(witness.objections.join('\n'));
  };

  const mend = async () => {
    site.mood = 'well';
    for (const { link } of workers) {
      link.cut = false;
      link.thaw();
    }
    startWorker();
    for (const { queue, paused } of await api.navette.queues()) if (paused) await api.navette.resume(queue);
    handlers.letAllReturn();
  };

  /** What has not come to its end yet, in plain words. */
  const unfinished = () => [
    ...[...witness.tasks.values()].filter(({ task }) => !isTerminal(task.state)).map(describeSeen),
    ...workers
      .map(({ worker }) => worker.status())
      .flatMap(({ state, running }) => {
        return running > 0 || state === 'stopping' ? [`a worker that is ${state} with ${running} attempts`] : [];
      }),
  ];

  const quiesce = async () => {
    await mend();
    for (let waitedMs = 0; unfinished().length > 0; waitedMs += stepMs) {
      if (waitedMs >= patienceMs) throw new Error(`every task ends, but not ${unfinished().join(' or ')}`);
      await system.advance(stepMs);
      await check();
    }
  };

  startWorker();
  startWorker();
  const { begin } = store;
  const keyed: World['keyed'] = new Map();
  return { system, site, handlers, witness, api, workers, begin, keyed, startWorker, stepClock, check, quiesce };
}

function latencyOf(system: ManualSystem): Latency {
  return () => {
    const chance = system.random();
    if (chance < 0.9) return 0;
    return Math.ceil((chance < 0.99 ? 40 : 2_000) * system.random());
  };
}

const expected = [NavetteError, HandlerFailure, AttemptStoppedError, PermanentError, RetryAfterError];

/** Faults of the world and ends of handlers are no mistakes; whatever else is reported is one. */
function objectingLog(objections: string[]): Log {
  const note = ({ err }: { err?: unknown }, message: string) => {
    if (err !== undefined && !expected.some((kind) => err instanceof kind)) objections.push(`${message}: ${err}`);
  };
  const error = (fields: object, message: string) => void objections.push(`${message}: ${JSON.stringify(fields)}`);
  return { debug: note, info: note, warn: note, error };
}
