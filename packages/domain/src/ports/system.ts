import type { AbortHandle } from '../abort.ts';

/** What the domain needs from the machine: time, chance and identity. */
export interface System {
  /** Wall-clock time. Due times and leases are judged by the store's clock, never by this one. */
  now(): Date;
  /** Milliseconds on a clock that never jumps. */
  monotonicMs(): number;
  /** Calls back once, after the delay (ms); the answer cancels it. Never keeps the process alive by itself. */
  after(delayMs: number, callback: () => void): () => void;
  /** Keeps the process alive until the answer is called. */
  keepAlive(): () => void;
  /** A fresh UUIDv7, monotonic within a process. */
  newId(): string;
  /** A number in [0, 1). */
  random(): number;
  /** A fresh signal. */
  abortHandle(): AbortHandle;
}
