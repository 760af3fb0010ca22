// Unit costs, and whether they add up: what each task takes of every process, at several rates, and what several worker
// processes make of it. Its figures are those of docs/scaling.md.
import { parseArgs } from 'node:util';
import { startLoad } from './http/measure-load.mjs';
import { startService } from './http/service.mjs';
import { describeMachine, warnIfBusy } from './machine.mjs';
import { writeScalingDocs } from './report/docs.mjs';
import { scalingTables } from './report/scaling-tables.mjs';
import { medians } from './report/statistics.mjs';
import { toText } from './report/table.mjs';
import { startServers } from './servers.mjs';
import { measureProcessing } from './workers.mjs';

const setUps = ['navette-store', 'navette-bullmq'];
const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  process.stdout.write(`node bench/scaling.mjs [--rounds N] [--quick] [--docs]

Measures what a task costs of API, worker, PostgreSQL and Redis at several rates, predicts from it what several worker
processes do, and compares. About three minutes a round.

  --rounds N  how often everything is measured; the tables show medians (default 3)
  --quick     tiny counts, once: a smoke
  --docs      write the tables into docs/scaling.md
`);
  process.exit(0);
}
const size = (full, quick) => (flags.quick ? quick : full);
const rounds = Number(flags.rounds ?? size(3, 1));
if (!Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write('--rounds is a number from 1\n');
  process.exit(2);
}

const servers = await startServers();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => servers.stop().finally(() => process.exit(130)));
}
warnIfBusy();
const say = (text) => process.stderr.write(`${text}\n`);
const run = { startedAt: new Date().toISOString(), machine: describeMachine(), servers: servers.settings, rounds };
try {
  const measured = [];
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`);
    measured.push({
      throughHttp: await inTurn(setUps, measureThroughHttp),
      workers: await inTurn(setUps, measureWorkers),
    });
  }
  run.throughHttp = inTheMiddle(measured.map(({ throughHttp }) => throughHttp));
  run.workers = inTheMiddle(measured.map(({ workers }) => workers));
} finally {
  await servers.stop();
}
process.stdout.write(`\n${scalingTables(run).map(toText).join('\n')}`);
if (flags.docs) await writeScalingDocs(run);

async function inTurn(items, measure) {
  const all = [];
  for (const item of items) all.push(...(await measure(item)));
  return all;
}

/** Of rounds that measured the same in the same order: the medians of each sample's figures. */
function inTheMiddle([first, ...others]) {
  return first.map((sample, at) => {
    const same = [sample, ...others.map((samples) => samples[at])];
    return { ...medians(same), side: sample.side, usPerTask: medians(same.map(({ usPerTask }) => usPerTask)) };
  });
}

/** Submitted over HTTP and completed by one worker, at rates from idle to most of what it takes. */
async function measureThroughHttp(side) {
  const samples = [];
  for (const perSecond of size([100, 500, 1_000, 2_000], [50])) {
    await servers.clean();
    const service = await startService(servers, side, { workers: 1 });
    const load = startLoad(servers, service);
    const plan = {
      path: '/submit-task',
      body: JSON.stringify({ type: 'demo.echo', payload: { n: 1 } }),
      connections: 64,
    };
    try {
      await load.play({ ...plan, perSecond, seconds: size(2, 0.3) });
      const wal = await servers.walBytes();
      const sample = await load.play({ ...plan, perSecond, seconds: size(5, 0.5) });
      const walPerTask = ((await servers.walBytes()) - wal) / sample.count;
      samples.push({ side, asked: perSecond, walPerTask, ...sample });
      say(`${side}, ${perSecond}/s over HTTP: ${Math.round(sample.perSecond)}/s`);
    } finally {
      await Promise.all([load.stop(), service.stop()]);
    }
  }
  return samples;
}

/** A backlog worked off by one to four processes. */
async function measureWorkers(side) {
  const samples = [];
  for (const handlerMs of [0, 5]) {
    for (const processes of size([1, 2, 3, 4], [1, 2])) {
      await servers.clean();
      const concurrency = handlerMs === 0 ? 100 : 10;
      const count = size(handlerMs === 0 ? 60_000 : 2_500 * processes, 400);
      const options = { side, count, concurrency, processes, handlerMs, limitMs: size(4_000, 1_000) };
      samples.push({ side, handlerMs, processes, concurrency, ...(await measureProcessing(servers, options)) });
      say(`${side}, ${processes} × ${handlerMs} ms: ${Math.round(samples.at(-1).perSecond)}/s`);
    }
  }
  return samples;
}
