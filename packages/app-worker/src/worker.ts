import { hostname } from 'node:os';
import { StartupError } from '@navette/adapters/container';
import {
  expandQueues,
  type Navette,
  unknownQueues,
  type Worker,
  type WorkerQueues,
  type WorkerStatus,
} from '@navette/domain';

export { loadTasks, type TaskSettings } from './load-tasks.ts';

/** What a worker is told by the environment. */
export interface WorkerServiceSettings {
  readonly NAVETTE_QUEUES: WorkerQueues;
  readonly NAVETTE_SHUTDOWN_MS: number;
  readonly NAVETTE_RETENTION_DAYS: number | undefined;
}

/** A worker as part of a process. */
export interface WorkerService {
  /** Starts to work; does nothing once stopped. Call it when the store is ready. */
  start(): void;
  /** The queues it consumes. */
  readonly queues: readonly string[];
  /** `undefined` before the start. */
  status(): WorkerStatus | undefined;
  /** Lets what runs finish for the shutdown time, hands back the rest. */
  stop(): Promise<void>;
  /** The most that `stop` takes, ms. */
  readonly stopsWithinMs: number;
}

const dayMs = 86_400_000;
/** What stopping takes beyond the shutdown time: the grace of stopped handlers, and letting go of the broker, ms. */
const stopMarginMs = 9_000;

/**
 * Makes the worker of a process.
 *
 * @param alone no other worker can exist (an embedded store)
 * @throws StartupError for a queue that no task type is on: nothing would ever be consumed from it.
 */
export function createWorkerService(navette: Navette, settings: WorkerServiceSettings, alone = false): WorkerService {
  const { NAVETTE_QUEUES: queues, NAVETTE_SHUTDOWN_MS: shutdownMs, NAVETTE_RETENTION_DAYS: retentionDays } = settings;
  checkQueues(queues, navette);
  let worker: Worker | undefined;
  let stopped = false;
  return {
    start: () => {
      if (stopped || worker) return;
      const retentionMs = retentionDays === undefined ? undefined : retentionDays * dayMs;
      worker = navette.work({ queues, shutdownMs, retentionMs, alone, name: `${hostname()}:${process.pid}` });
    },
    queues: Object.keys(expandQueues(queues, navette.catalogue)),
    status: () => worker?.status(),
    stop: async () => {
      stopped = true;
      await worker?.stop();
    },
    stopsWithinMs: shutdownMs + stopMarginMs,
  };
}

function checkQueues(queues: WorkerQueues, { catalogue }: Navette): void {
  const unknown = unknownQueues(queues, catalogue);
  if (unknown.length === 0) return;
  const known = catalogue.queues().join(', ');
  throw new StartupError([`NAVETTE_QUEUES names unknown queues: ${unknown.join(', ')}; known: ${known}`]);
}
