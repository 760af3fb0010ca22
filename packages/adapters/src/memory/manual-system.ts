import { setImmediate } from 'node:timers/promises';
import type { System } from '@navette/domain';
import { createSystem } from '../system/index.ts';
import { createIdSource } from '../system/uuid-v7.ts';

/** A system whose clock stands still until it is moved. */
export interface ManualSystem extends System {
  /**
   * Moves the clock forward by that much, ms, and calls back the timers that come due, in their order and each at its
   * own time; those that are set meanwhile take part. Around each, promises are given time to settle; input and output
   * that take longer are not waited for. `advance(0)` only settles.
   */
  advance(ms: number): Promise<void>;
}

/** What a manual system starts with. */
export interface ManualSystemOptions {
  /** Default: the first moment of 2026, UTC. */
  readonly startAt?: Date | undefined;
  /** Of its random numbers and ids; default 1. */
  readonly seed?: number | undefined;
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Turns of the event loop that promise chains get to settle in. */
const settleTurns = 4;

/** Makes a system for tests: time passes only by `advance`, chance and ids are the same in every run. */
export function createManualSystem(options: ManualSystemOptions = {}): ManualSystem {
  const startMs = (options.startAt ?? new Date(Date.UTC(2026, 0, 1))).getTime();
  const random = seededRandom(options.seed ?? 1);
  const timers = new Set<Timer>();
  let elapsedMs = 0;

  const fill = (bytes: Uint8Array) => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256);
  };

  /** The timer that is next; of several at one time the one set first. */
  const next = (untilMs: number): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) if (timer.dueMs <= untilMs && !(first && first.dueMs <= timer.dueMs)) first = timer;
    return first;
  };

  return {
    now: () => new Date(startMs + elapsedMs),
    monotonicMs: () => elapsedMs,
    keepAlive: () => () => {},
    after: (delayMs, callback) => {
      const timer = { dueMs: elapsedMs + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    newId: createIdSource(() => startMs + elapsedMs, fill),
    random,
    abortHandle: createSystem().abortHandle,
    advance: async (ms) => {
      const untilMs = elapsedMs + ms;
      await settle();
      for (let timer = next(untilMs); timer; timer = next(untilMs)) {
        timers.delete(timer);
        elapsedMs = Math.max(elapsedMs, timer.dueMs);
        timer.callback();
        await settle();
      }
      elapsedMs = untilMs;
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < settleTurns; turn++) await setImmediate();
}

/** Mulberry32: small, and good enough for tests. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
