// Speed side by side: every side on the same servers, interleaved and repeated in one run.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCommandLine } from './command-line.mjs';
import { describeMachine, warnIfBusy } from './machine.mjs';
import { createProgressReport } from './progress.mjs';
import { writeDocs } from './report/docs.mjs';
import { printedReport } from './report/report.mjs';
import { countRuns, runRounds } from './rounds.mjs';
import { embedded } from './sections/embedded.mjs';
import { growth } from './sections/growth.mjs';
import { latency } from './sections/latency.mjs';
import { processing } from './sections/processing.mjs';
import { submission } from './sections/submission.mjs';
import { startServers } from './servers.mjs';

const options = readCommandLine([submission, processing, latency, growth, embedded]);
const run = options.from ? JSON.parse(await readFile(options.from, 'utf8')) : await measure();
process.stdout.write(`\n${printedReport(run)}`);
if (!options.from) await keep(run);
if (options.docs) await writeDocs(run);
process.exitCode = run.results.some(({ failed }) => failed) ? 1 : 0;

async function measure() {
  const { quick, rounds } = options;
  const startedAt = new Date().toISOString();
  const servers = await startServers();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => servers.stop().finally(() => process.exit(130)));
  }
  warnIfBusy();
  const results = new Map();
  const report = createProgressReport();
  try {
    for (const section of options.sections) {
      for (const phase of section.phases) {
        const measurements = phase({ quick, rounds, results, sides: options.sidesOf(section) });
        report.phase(section, countRuns(measurements));
        await runRounds({ measurements, results, servers, report });
      }
    }
  } finally {
    await servers.stop();
  }
  const { settings } = servers;
  return { startedAt, machine: describeMachine(), servers: settings, rounds, quick, results: [...results.values()] };
}

async function keep(run) {
  const name = `results/${run.startedAt.replaceAll(':', '-')}.json`;
  const file = options.json ?? fileURLToPath(new URL(name, import.meta.url));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(run));
  process.stdout.write(`\nAll samples: ${file}\n`);
}
