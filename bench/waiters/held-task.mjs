// Tasks that run until this process is told to let go of them, all at once (SIGUSR2) or one after the other (SIGWINCH);
// and what its memory holds, written to a file when it is asked (SIGHUP). A module for NAVETTE_TASKS.
import { writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { defineTask } from '@navette/domain';
import { spreadMs } from './spread.mjs';

const held = new Set();
process.on('SIGUSR2', () => {
  for (const letGo of held) letGo();
  held.clear();
});
process.on('SIGWINCH', () => {
  const [all, startedAt] = [[...held], performance.now()];
  held.clear();
  let gone = 0;
  const timer = setInterval(() => {
    const due = Math.ceil((all.length * (performance.now() - startedAt)) / spreadMs);
    for (const letGo of all.slice(gone, due)) letGo();
    gone = Math.max(gone, due);
    if (gone >= all.length) clearInterval(timer);
  }, 1);
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
process.on('SIGHUP', () => {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  writeFileSync(`${process.env.BENCH_MEMORY_FILE}.${process.pid}`, JSON.stringify({ held: heapUsed + external, rss }));
});

const anything = { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value }) } };

export default [
  defineTask({
    type: 'bench.held',
    payload: anything,
    timeoutMs: 600_000,
    handler: () => new Promise((resolve) => held.add(() => resolve('let go'))),
  }),
];
