/** The part of an AbortSignal that the domain itself uses. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The platform's own `AbortSignal` where it has one, so that a handler can pass it to `fetch`. */
export type TaskSignal = typeof globalThis extends { AbortSignal: { prototype: infer Native } }
  ? Native
  : AbortSignalLike;

/** What makes a signal and raises it. */
export interface AbortHandle {
  readonly signal: TaskSignal;
  /** Raises the signal; a second call does nothing. */
  abort(reason: Error): void;
}
