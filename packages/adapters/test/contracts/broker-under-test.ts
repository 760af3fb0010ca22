import type { TaskBroker, TaskStore } from '@navette/domain';

/** A broker that the contract is run against, on the real clock. */
export interface BrokerUnderTest {
  /** Empty. */
  readonly store: TaskStore;
  /** Empty, over that store. */
  readonly broker: TaskBroker;
  /**
   * While broken, every dequeue rejects with `StoreUnavailableError`. Given only by a driver that dequeues by itself;
   * the others claim through `Consumption.claim`, which the suite breaks without help.
   */
  breakDequeue?(broken: boolean): void;
  /** Closes broker and store and frees what they stood on. */
  close(): Promise<void>;
}

/** Opens a broker and a store that share nothing with any other; called once per test. */
export type OpenBroker = () => Promise<BrokerUnderTest>;
