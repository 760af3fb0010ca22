import type { AbortHandle, TaskSignal } from '../abort.ts';
import { AttemptStoppedError, type StopReason } from '../errors.ts';
import type { System } from '../ports/system.ts';

/** How a handler's run came out. */
export type HandlerEnd =
  | { readonly kind: 'returned'; readonly value: unknown; readonly stopped: StopReason | undefined }
  | { readonly kind: 'threw'; readonly error: unknown; readonly stopped: StopReason | undefined }
  /** It ignored its signal for the whole grace time; whatever it still does is dropped. */
  | { readonly kind: 'abandoned'; readonly stopped: StopReason };

/** How long a handler may take, ms, and how long it then has to end. */
export interface HandlerLimits {
  readonly timeoutMs: number;
  readonly graceMs: number;
}

/**
 * A handler's run, bounded in time. A class, and what it may need is made when it is needed: at tens of thousands of
 * attempts a second every object counts.
 */
export class HandlerRun {
  readonly #system: System;
  readonly #limits: HandlerLimits;
  #abort: AbortHandle | undefined;
  #finish: ((end: HandlerEnd) => void) | undefined;
  #cancelTimeout: (() => void) | undefined;
  #cancelGrace: (() => void) | undefined;
  #stopped: StopReason | undefined;
  #over = false;

  constructor(system: System, limits: HandlerLimits) {
    this.#system = system;
    this.#limits = limits;
  }

  /** Why it was stopped, if it was. */
  get stopped(): StopReason | undefined {
    return this.#stopped;
  }

  /** Whether it was stopped or has ended: nothing it still does counts. */
  get isOver(): boolean {
    return this.#over || this.#stopped !== undefined;
  }

  /** Raised when it is stopped. */
  get signal(): TaskSignal {
    if (!this.#abort) {
      this.#abort = this.#system.abortHandle();
      if (this.#stopped) this.#abort.abort(new AttemptStoppedError(this.#stopped));
    }
    return this.#abort.signal;
  }

  /** Raises the signal; the first reason counts. The handler has the grace time to end, then it is abandoned. */
  stop(reason: StopReason): void {
    if (this.#stopped) return;
    this.#stopped = reason;
    this.#abort?.abort(new AttemptStoppedError(reason));
    if (this.#finish) this.#startGrace(reason);
  }

  /** Runs the handler under its timeout. Never rejects. To be called once. */
  run(invoke: () => Promise<unknown>): Promise<HandlerEnd> {
    return new Promise((finish) => {
      this.#finish = finish;
      if (this.#stopped) this.#startGrace(this.#stopped);
      this.#cancelTimeout = this.#system.after(this.#limits.timeoutMs, () => this.stop('timed_out'));
      invoke().then(
        (value) => this.#end({ kind: 'returned', value, stopped: this.#stopped }),
        (error: unknown) => this.#end({ kind: 'threw', error, stopped: this.#stopped }),
      );
    });
  }

  #startGrace(stopped: StopReason): void {
    this.#cancelGrace = this.#system.after(this.#limits.graceMs, () => this.#end({ kind: 'abandoned', stopped }));
  }

  #end(end: HandlerEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelTimeout?.();
    this.#cancelGrace?.();
    this.#finish?.(end);
  }
}
