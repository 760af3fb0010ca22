import { type AnyTaskType, createNavette, type Log, type Navette, type System } from '@navette/domain';
import { createSystem } from '../system/index.ts';
import { createMemoryBroker } from './memory-broker.ts';
import { createMemoryEvents } from './memory-events.ts';
import { createMemoryStore } from './memory-store.ts';

/** What a Navette in memory is made with. */
export interface MemoryNavetteOptions {
  readonly tasks: readonly AnyTaskType[];
  /** Default: this machine. With {@link createManualSystem} a test moves the time itself. */
  readonly system?: System | undefined;
  readonly log?: Log | undefined;
}

/**
 * Makes a complete Navette in memory, for unit tests of code that submits tasks or handles them.
 *
 * Close it at the end of a test: with the clock of this machine a worker keeps the process alive until it stops.
 * @throws InvalidCatalogueError
 */
export function memoryNavette({ tasks, system = createSystem(), log }: MemoryNavetteOptions): Navette {
  const store = createMemoryStore({ system });
  const broker = createMemoryBroker({ store });
  return createNavette({ store, broker, events: createMemoryEvents(), system, tasks, log });
}
