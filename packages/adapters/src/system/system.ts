import type { System } from '@navette/domain';
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
    abortHandle: () => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
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
