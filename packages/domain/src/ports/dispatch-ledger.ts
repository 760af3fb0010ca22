import type { Dispatch } from './task-broker.ts';

/** What the store remembers of hand-overs, so that a broker which forgets can be mended. */
export interface DispatchLedger {
  /** Queued tasks whose hand-over is not confirmed and was made longer ago than that (ms), by priority. */
  unconfirmed(olderThanMs: number, limit: number): Promise<Dispatch[]>;
  /** Notes that the broker has these. A later dispatch of the same task is unconfirmed again. */
  confirm(dispatches: readonly Dispatch[]): Promise<void>;
  /** Gives those still queued under that number the next one; answers the new hand-overs. */
  redispatch(dispatches: readonly Dispatch[]): Promise<Dispatch[]>;
  /** Queued tasks in order of priority, page by page; `cursor` is `null` at the start and at the end. */
  queued(cursor: string | null, limit: number): Promise<{ dispatches: Dispatch[]; cursor: string | null }>;
  /** The broker's mark as last saved, and how far a full check has come. */
  brokerMark(): Promise<BrokerMark>;
  /** Saves it. */
  saveBrokerMark(mark: BrokerMark): Promise<void>;
}

/** Which life of the broker the store knows. */
export interface BrokerMark {
  /** `null` before the first. */
  readonly epoch: string | null;
  /** The epoch whose full check is under way, and its cursor. */
  readonly checking: { readonly epoch: string; readonly cursor: string | null } | null;
}
