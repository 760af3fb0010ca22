// Preloaded into the process under test (NODE_OPTIONS=--import …): it tells its memory and what it holds when asked.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();

process.on('message', () => {
  for (let i = 0; i < 3; i++) globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  const held = {};
  for (const kind of process.getActiveResourcesInfo()) held[kind] = (held[kind] ?? 0) + 1;
  process.send({ rss, heapUsed, external, held, worstDelayMs: Math.round(delay.max / 1e6) });
});
process.channel.unref();
