// What it costs when a thousand clients wait, and how soon they are answered. See docs/live.md.
import { parseArgs } from 'node:util';
import { describeMachine, warnIfBusy } from './machine.mjs';
import { quantile } from './report/statistics.mjs';
import { startServers } from './servers.mjs';
import { measureWaiters } from './waiters/measure-waiters.mjs';

const { values: flags } = parseArgs({
  options: {
    waiters: { type: 'string', default: '1000' },
    idle: { type: 'string', default: '15' },
    'warm-ups': { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  process.stdout.write(`npm run bench:waiters -- [options]

  --waiters N   clients that wait at the same time (default 1000)
  --idle S      how long they wait while nothing happens, s (default 15)
  --warm-ups N  rounds of answers that do not count (default 5)
  --rounds N    rounds of answers that count (default 5)
  --only NAME   only the set-ups with this in their names: navette-store

PostgreSQL: BENCH_DATABASE_URL (default postgres://postgres@127.0.0.1:5432/test).
`);
  process.exit(0);
}
const options = {
  waiters: Number(flags.waiters),
  idleMs: Number(flags.idle) * 1000,
  warmUps: Number(flags['warm-ups']),
  rounds: Number(flags.rounds),
};
const sides = ['navette-embedded', 'navette-store', 'navette-bullmq'].filter((side) => side.includes(flags.only));

const servers = await startServers();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => servers.stop().finally(() => process.exit(130)));
}
warnIfBusy();
const results = [];
try {
  for (const side of sides) {
    await servers.clean();
    results.push(...(await measureWaiters(servers, side, options)));
  }
} finally {
  await servers.stop();
}

/** The median of the rounds, and the best of them: others at work on the machine make it slower, and nothing faster. */
const ofRounds = (rounds, name) => {
  const values = rounds.map((round) => round[name]);
  return `${quantile(values, 0.5).toFixed(0)} (${Math.min(...values).toFixed(0)})`;
};
const columns = [
  'set-up',
  'they wait',
  'for',
  'which end',
  'kB each',
  'CPU idle, %',
  'CPU per answer, µs',
  'p50 ms',
  'p99 ms',
  'max ms',
];
const rows = results.map(({ side, way, distinct, ending, kBEach, idleCpu, rounds }) => [
  side,
  way,
  distinct === 1 ? 'one task' : `${distinct} tasks`,
  distinct === 1 ? '' : ending,
  kBEach.toFixed(1),
  idleCpu.toFixed(1),
  ...['cpuUs', 'p50', 'p99', 'max'].map((name) => ofRounds(rounds, name)),
]);
const table = [columns, columns.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
process.stdout.write(
  `\n${JSON.stringify({ ...describeMachine(), ...options })}\nMedian of the rounds, the best of them in brackets.\n\n${table}\n`,
);
