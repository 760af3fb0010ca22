// Doing one thing over and over for some time, as fast as it goes or at a given rate.
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `once(lane)` in that many lanes at a time. Without `perSecond` a lane starts anew as soon as it has ended. With it
 * there is a moment for each call, and a call that starts late is timed from the moment at which it was due: a system that
 * falls behind cannot hide it.
 * @returns count, seconds, latenciesMs
 */
export async function repeat({ lanes, seconds, perSecond, once }) {
  const latenciesMs = [];
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  let next = 0;
  const dueAt = () => (perSecond ? startedAt + (next++ * 1000) / perSecond : performance.now());
  const run = async (_, lane) => {
    for (;;) {
      const due = dueAt();
      if (due >= until) return;
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      await once(lane);
      latenciesMs.push(performance.now() - due);
    }
  };
  await Promise.all(Array.from({ length: lanes }, run));
  return { count: latenciesMs.length, seconds: (performance.now() - startedAt) / 1000, latenciesMs };
}
