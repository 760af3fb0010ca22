import type { AbortHandle, System } from '@navette/domain';
import { createIdSource } from './uuid-v7.ts';

/** The longest delay `setTimeout` keeps; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * The machine itself: its clocks, its randomness, UUIDv7 that go up within this process. Its timers never keep the
 * process alive.
 */
export function createSystem(): System {
  return {
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    after,
    newId: createIdSource(Date.now),
    random: Math.random,
    abortHandle: createAbortHandle,
  };
}

/** Most handlers never look at their signal, and to make one costs more than all else about a short attempt. */
function createAbortHandle(): AbortHandle {
  let controller: AbortController | undefined;
  let raised: Error | undefined;
  return {
    get signal() {
      if (!controller) {
        controller = new AbortController();
        if (raised) controller.abort(raised);
      }
      return controller.signal;
    },
    abort: (reason) => {
      raised ??= reason;
      controller?.abort(raised);
    },
  };
}

function after(delayMs: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (leftMs: number) => {
    const stepMs = Math.min(leftMs, maxTimerMs);
    timer = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : callback()), stepMs);
    timer.unref();
  };
  arm(delayMs);
  return () => clearTimeout(timer);
}
