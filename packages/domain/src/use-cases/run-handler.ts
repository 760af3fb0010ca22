import type { AbortHandle } from '../abort.ts';
import { AttemptStoppedError, type StopReason } from '../errors.ts';
import type { System } from '../ports/system.ts';

/** How a handler's run came out. */
export type HandlerEnd =
  | { readonly kind: 'returned'; readonly value: unknown; readonly stopped: StopReason | undefined }
  | { readonly kind: 'threw'; readonly error: unknown; readonly stopped: StopReason | undefined }
  /** It ignored its signal for the whole grace time; whatever it still does is dropped. */
  | { readonly kind: 'abandoned'; readonly stopped: StopReason };

/** A handler's run, bounded in time. */
export interface HandlerRun {
  readonly end: Promise<HandlerEnd>;
  /** Raises the signal; the first reason counts. */
  stop(reason: StopReason): void;
  /** Why it was stopped, if it was. */
  readonly stopped: StopReason | undefined;
}

/**
 * Runs a handler under a timeout. Once stopped, it has `graceMs` to end; then it is abandoned and its slot is free.
 * `end` never rejects.
 */
export function runHandler(
  system: System,
  abort: AbortHandle,
  limits: { readonly timeoutMs: number; readonly graceMs: number },
  invoke: () => unknown,
): HandlerRun {
  let stopped: StopReason | undefined;
  let cancelGrace = () => {};
  let finish: (end: HandlerEnd) => void = () => {};

  const stop = (reason: StopReason) => {
    if (stopped) return;
    stopped = reason;
    abort.abort(new AttemptStoppedError(reason));
    cancelGrace = system.after(limits.graceMs, () => finish({ kind: 'abandoned', stopped: reason }));
  };

  const cancelTimeout = system.after(limits.timeoutMs, () => stop('timed_out'));
  const end = new Promise<HandlerEnd>((resolve) => {
    let over = false;
    finish = (result) => {
      if (over) return;
      over = true;
      cancelTimeout();
      cancelGrace();
      resolve(result);
    };
    invokeAsync(invoke).then(
      (value) => finish({ kind: 'returned', value, stopped }),
      (error: unknown) => finish({ kind: 'threw', error, stopped }),
    );
  });
  return {
    end,
    stop,
    get stopped() {
      return stopped;
    },
  };
}

/** A handler that throws before its first `await` fails like any other. */
async function invokeAsync(invoke: () => unknown): Promise<unknown> {
  return invoke();
}
