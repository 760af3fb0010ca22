import {
  type AnyTaskType,
  createNavette,
  defineTask,
  type HandlerContext,
  type Json,
  type Log,
  type Navette,
  type PartialRetryPolicy,
  type TaskStore,
} from '@navette/domain';
import { z } from 'zod';
import {
  createManualSystem,
  createMemoryBroker,
  createMemoryEvents,
  createMemoryStore,
  type ManualSystem,
  type MemoryStore,
} from '../../src/memory/index.ts';

/** Several processes in one test: one clock, one store, any number of Navettes on it. */
export interface Stage {
  readonly system: ManualSystem;
  readonly store: MemoryStore;
  /** What was logged as a warning or worse, and at `info`. */
  readonly logged: string[];
  /** Steps the store's clock forward, and no other. */
  stepClock(ms: number): void;
  /** A process of its own; `broken` puts faults between it and the store. */
  process(tasks: readonly AnyTaskType[], broken?: (store: TaskStore) => Partial<TaskStore>): Navette;
}

/** Sets up the stage. */
export function createStage(): Stage {
  const system = createManualSystem();
  let steppedMs = 0;
  const now = () => new Date(system.now().getTime() + steppedMs);
  const store = createMemoryStore({ system: { ...system, now } });
  const broker = createMemoryBroker({ store });
  const events = createMemoryEvents();
  const logged: string[] = [];
  const note = (_fields: object, message: string) => void logged.push(message);
  const log: Log = { debug: () => {}, info: note, warn: note, error: note };
  return {
    system,
    store,
    logged,
    stepClock: (ms) => {
      steppedMs += ms;
    },
    process: (tasks, broken = () => ({})) =>
      createNavette({ store: { ...store, ...broken(store) }, broker, events, system, tasks, log }),
  };
}

/** A task type of a test: any payload; 3 attempts, a second apart, unless told otherwise. */
export function taskOf(
  handler: (payload: Json, context: HandlerContext) => unknown,
  given: { type?: string; retry?: PartialRetryPolicy; timeoutMs?: number } = {},
) {
  return defineTask({
    type: given.type ?? 'test.task',
    payload: z.json(),
    retry: {
      maxAttempts: given.retry?.maxAttempts ?? 3,
      backoff: { kind: 'fixed', delayMs: 1_000, jitter: 0, ...given.retry?.backoff },
    },
    timeoutMs: given.timeoutMs ?? 10_000,
    handler,
  });
}

/** A promise that the test settles. */
export function createPromise<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((r) => {
    resolve = r;
  });
  return { promise, resolve };
}

/** Resolves never; rejects when the signal is raised, as a handler that obeys does. */
export function untilStopped({ signal }: HandlerContext): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
