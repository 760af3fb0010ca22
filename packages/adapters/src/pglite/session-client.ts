import type { SettingsOwner } from './applied-settings.ts';
import type { Subscriber } from './subscriptions.ts';
import type { TransactionStatus, WireError } from './wire-message.ts';

/** One of the virtual clients that share the session. */
export interface SessionClient extends Subscriber, SettingsOwner {
  /** How long a transaction of this client may last, in milliseconds; `Infinity` for any time. */
  readonly transactionLimitMs: number;
  /** Answers the batch under way with an error; the transaction status tells the client where that leaves it. */
  refuse(error: WireError, status: TransactionStatus): void;
  /** Sends a last error and ends the connection in order. */
  hangUp(error: WireError): void;
  /** Breaks the connection: whatever waits on it fails with the error. */
  destroy(error: Error): void;
}
