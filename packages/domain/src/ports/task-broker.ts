import type { Priority } from '../priority.ts';
import type { Attempts, ClaimedAttempt } from './attempts.ts';

/** One hand-over of a queued task to the broker. */
export interface Dispatch {
  readonly taskId: string;
  readonly dispatch: number;
  readonly queue: string;
  readonly priority: Priority;
}

/** What a worker wants from one queue. */
export interface Consumption {
  readonly worker: string;
  readonly queue: string;
  /** How many handlers may run at once. */
  readonly concurrency: number;
  /** Task types the worker knows. */
  readonly types: readonly string[];
  /** How deliveries are claimed; a driver whose queue is the store claims as it dequeues. */
  readonly claim: Attempts['claim'];
  /** False while the worker's lease is in doubt: nothing may be claimed then. Ask before every fetch. */
  readonly mayClaim: () => boolean;
  /**
   * Runs and settles one claimed attempt. Never rejects. Its slot is free again when it resolves; a driver may give it
   * to another attempt as soon as `onRan` is called, when the handler has ended and its result is being written, so long
   * as no more than twice `concurrency` are unsettled.
   */
  readonly handle: (attempt: ClaimedAttempt, onRan?: () => void) => Promise<void>;
  /** Told of every error of store or broker; the consumer goes on by itself. */
  readonly onError: (error: unknown) => void;
}

/** A running consumer of one queue. */
export interface Consumer {
  /** Stops fetching. Resolves when no further attempt will be handed to `handle`. May be called again. */
  stop(): Promise<void>;
  /** After `stop`: frees what it holds, waiting for the handlers under way for at most `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

/** Says which task is next, and delivers claimed attempts. It decides nothing: the store does. */
export interface TaskBroker {
  /**
   * Hands tasks over. Resolves within the driver's deadline; may forget everything at any time.
   * @throws BrokerUnavailableError — the steward hands them over later.
   */
  dispatch(dispatches: readonly Dispatch[]): Promise<void>;
  /** Starts to consume one queue. Waits by itself for a broker or store that is away. */
  consume(consumption: Consumption): Consumer;
  /** Copies a queue's pause to the broker; the store's row is what counts. */
  setPaused(queue: string, paused: boolean): Promise<void>;
  /** Whether it answers now. */
  healthy(): Promise<boolean>;
  close(): Promise<void>;
  /** What the steward checks, for a broker apart from the store; absent where the store itself is the queue. */
  readonly audit?: BrokerAudit | undefined;
}

/** Lets the steward compare a broker with the store. */
export interface BrokerAudit {
  /** Those of the dispatches that the broker does not hold (waiting, delayed or active). @throws BrokerUnavailableError */
  missing(dispatches: readonly Dispatch[]): Promise<Dispatch[]>;
  /** Names the broker's present life: changes when its data may have been lost. @throws BrokerUnavailableError */
  epoch(): Promise<string>;
}
