// Throughput side by side: every side on the same servers, interleaved and repeated in one run.
import { fork } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { measureHttpSubmission } from './http-submission.mjs';
import { startServers } from './servers.mjs';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  process.stdout.write(`npm run bench -- [--quick] [--rounds N] [--only TEXT]

  --quick       small counts, one round: a smoke, not a measurement
  --rounds N    how often every side is measured (default 3)
  --only TEXT   only the measurements whose name contains TEXT

PostgreSQL: BENCH_DATABASE_URL (default postgres://postgres@127.0.0.1:5432/test). Redis: a private one with AOF everysec.
`);
  process.exit(0);
}
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const size = (full, quick) => (flags.quick ? quick : full);

/** Every figure: what is measured, on which side, how. The first of a group is the yardstick of its ratios. */
const measurements = [
  ...['bullmq', 'navette-store', 'navette-bullmq', 'navette-embedded', 'graphile-worker', 'pg-boss'].flatMap((side) =>
    concurrenciesOf(side).map((concurrency) => ({
      group: 'recorded processing, no-op handler (tasks/s)',
      name: `process ${side} @${concurrency}`,
      side,
      run: (servers) => inProcess({ side, task: 'process', servers, count: countOf(side), concurrency }),
    })),
  ),
  ...['http-stub', 'http-naive', 'http-navette-store', 'http-navette-bullmq', 'http-navette-embedded'].map((side) => ({
    group: 'POST /submit-task, 64 connections (requests/s)',
    name: side,
    side,
    run: (servers) => measureHttpSubmission({ side, servers, connections: 64, seconds: size(6, 2) }),
  })),
].filter(({ name }) => !flags.only || name.includes(flags.only));

function concurrenciesOf(side) {
  if (side === 'pg-boss') return [size(500, 100)];
  if (side === 'graphile-worker') return [size(20, 10)];
  return flags.quick ? [50] : [50, 300];
}

function countOf(side) {
  if (side === 'graphile-worker' || side === 'pg-boss') return size(10_000, 500);
  return size(side === 'navette-embedded' ? 15_000 : 40_000, 2_000);
}

function inProcess(job) {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./side-process.mjs', import.meta.url), [JSON.stringify(job)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    let answer;
    const timer = setTimeout(() => child.kill('SIGKILL'), 180_000);
    child.on('message', (message) => {
      answer = message;
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (answer) resolve(answer);
      else reject(new Error(`${job.side} gave no figure (exit ${code ?? signal})`));
    });
  });
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const servers = await startServers();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => servers.stop().finally(() => process.exit(130)));
}
const { databaseUrl, redisUrl } = servers;
const results = measurements.map((measurement) => ({ ...measurement, samples: [], extra: {} }));
let failures = 0;
try {
  let done = 0;
  for (let round = 1; round <= rounds; round++) {
    for (const result of results) {
      await servers.clean();
      process.stderr.write(`[${++done}/${rounds * results.length}] round ${round}: ${result.name} … `);
      try {
        const { perSecond, ...extra } = await result.run({ databaseUrl, redisUrl });
        result.samples.push(perSecond);
        Object.assign(result.extra, extra);
        process.stderr.write(`${Math.round(perSecond)}/s\n`);
      } catch (error) {
        failures++;
        process.stderr.write(`failed: ${error.message}\n`);
      }
    }
  }
} finally {
  await servers.stop();
}

const groups = Map.groupBy ? Map.groupBy(results, (r) => r.group) : groupBy(results);
function groupBy(list) {
  const map = new Map();
  for (const item of list) map.set(item.group, [...(map.get(item.group) ?? []), item]);
  return map;
}

const machine = {
  cpu: cpus()[0].model,
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 1e9),
  node: process.version,
};
process.stdout.write(`\n${JSON.stringify({ machine, servers: servers.settings, rounds })}\n`);
for (const [group, members] of groups) {
  const best = new Map();
  for (const member of members.filter((m) => m.samples.length > 0)) {
    const figure = median(member.samples);
    if (!best.has(member.side) || best.get(member.side).figure < figure) best.set(member.side, { ...member, figure });
  }
  const yardstick = best.values().next().value?.figure;
  process.stdout.write(`\n${group}\n`);
  for (const { name, figure, samples, extra } of best.values()) {
    const spread =
      samples.length > 1 ? ` ±${Math.round((100 * (Math.max(...samples) - Math.min(...samples))) / 2 / figure)} %` : '';
    const more = Object.entries(extra)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
    process.stdout.write(
      `  ${name.padEnd(34)} ${String(Math.round(figure)).padStart(8)}/s  ${(figure / yardstick).toFixed(2)} ×${spread}  ${more}\n`,
    );
  }
}
await mkdir(new URL('./results/', import.meta.url), { recursive: true });
const file = new URL(`./results/${new Date().toISOString().replaceAll(':', '-')}.json`, import.meta.url);
await writeFile(
  file,
  JSON.stringify(
    { machine, servers: servers.settings, rounds, results: results.map(({ run, ...rest }) => rest) },
    null,
    2,
  ),
);
process.exitCode = failures > 0 ? 1 : 0;
