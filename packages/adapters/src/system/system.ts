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
    keepAlive,
    newId: createIdSource(Date.now),
    random: Math.random,
    abortHandle: createAbortHandle,
  };
}

function createAbortHandle(): AbortHandle {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}

function keepAlive(): () => void {
  const timer = setInterval(() => {}, maxTimerMs);
  return () => clearInterval(timer);
}

function after(delayMs: number, callback: () => void): () => void {
  if (delayMs <= maxTimerMs) {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  }
  let cancel = after(maxTimerMs, () => {
    cancel = after(delayMs - maxTimerMs, callback);
  });
  return () => cancel();
}
