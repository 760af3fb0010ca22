// Asks, while everything else is going on, whether the API answers; how long that takes is how long its loop is held up.
import { setTimeout as sleep } from 'node:timers/promises';
import { Lane } from './wire.mjs';

const everyMs = 50;

/** Begins asking; `stop` gives how long the answers took, ms, the shortest first. */
export function startHealthProbe(port, host) {
  const lane = new Lane(port);
  const took = [];
  const faults = [];
  let stopped = false;
  const probing = (async () => {
    while (!stopped) {
      const askedAt = performance.now();
      const answer = await lane.ask(Buffer.from(`GET /health/live HTTP/1.1\r\nHost: ${host}\r\n\r\n`), 'GET', {
        withinMs: 30_000,
      });
      if (answer === 'closed') continue;
      took.push(performance.now() - askedAt);
      if (answer.status !== 200) faults.push(`/health/live answered ${answer.status ?? answer}`);
      await sleep(everyMs);
    }
    lane.close();
  })();
  return {
    stop: async () => {
      stopped = true;
      await probing;
      return { took: took.sort((a, b) => a - b), faults };
    },
  };
}
