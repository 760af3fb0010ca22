import type { TaskEvents } from '@navette/domain';

/** Events that the contract is run against. */
export interface EventsUnderTest {
  readonly events: TaskEvents;
  /** The same channel as another process has it; the same object where there is only one process. */
  readonly elsewhere: TaskEvents;
  /** Closes both and frees what they stood on. */
  close(): Promise<void>;
}

/** Opens a channel that shares nothing with any other; called once per test. */
export type OpenEvents = () => Promise<EventsUnderTest>;
