// Hostile requests to a real API: its command line, what is measured meanwhile, and the verdict.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startReaper } from '../chaos/reaper.mjs';
import { readContract } from './contract.mjs';
import { Findings } from './findings.mjs';
import { createFuzzing } from './fuzzing.mjs';
import { startHealthProbe } from './health-probe.mjs';
import { openInstallation, setUps } from './installation.mjs';
import { createJudge } from './judge.mjs';

const usage = `npm run fuzz -- [--requests N] [--seed N] [--setup NAME] [--lanes N] [--only N]

  --requests N  how many hostile requests (default 20000)
  --seed N      the same requests again (default: by the clock); with an odd one the API asks for a key
  --setup NAME  ${setUps.join(', ')} (default store)
  --lanes N     how many at a time (default 16)
  --only N      only the request of that number

Needs initdb and postgres on the path or where Debian keeps them, but for the embedded set-up. Ends with 0 if every answer
is one that the OpenAPI document has, and the API stays quick and small.
`;
const { values: flags } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    setup: { type: 'string', default: 'store' },
    lanes: { type: 'string', default: '16' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [requests, seed, lanes] = [flags.requests, flags.seed, flags.lanes].map(Number);
const only = flags.only === undefined ? undefined : Number(flags.only);
const isUsable = [requests, seed, lanes, only ?? 0].every(Number.isInteger) && requests > 0 && lanes > 0;
if (flags.help || !isUsable || !setUps.includes(flags.setup)) {
  (flags.help ? process.stdout : process.stderr).write(usage);
  process.exit(flags.help ? 0 : 2);
}

/** By then everything has been loaded and cached that ever will be. */
const warmAfter = Math.min(5_000, Math.floor(requests / 4));
/** What may be held more at the end than then, bytes. */
const heapMargin = 8 * 2 ** 20;
const rssMargin = 64 * 2 ** 20;
/** So many timers and connections more. */
const heldMargin = 10;
/** On a busy machine a statement may take longer than a second. */
const awayShare = 0.02;
/** Tasks that are told to end must have ended by then, ms. */
const endWithinMs = 60_000;
/** The event loop may be held up so long, ms: the machine's other work is in it. */
const heldUpMs = 2_000;
/** Those that reach out: hostile addresses must not leave the machine. */
const reachingOut = ['http.request', 'csv.summary'];

const root = fileURLToPath(new URL('../', import.meta.url));
const built = ['app-api', 'app-worker', 'app-standalone'].map((app) => join(root, 'packages', app, 'dist', 'main.js'));
if (!built.every((main) => existsSync(main))) {
  const { status } = spawnSync('npm', ['run', 'build'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'navette-fuzz-'));
// PostgreSQL runs as another user, and has its folder in here.
chmodSync(folder, 0o711);
const reaper = startReaper();
reaper.remove(folder);
process.exitCode = 1;
try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await reaper.finish();
}

async function run() {
  const installation = await openInstallation({ setUp: flags.setup, withKeys: seed % 2 === 1, folder, reaper });
  const { api, call } = installation;
  const contract = readContract(await call('GET', '/openapi.json'));
  const { items: taskTypes } = await call('GET', '/task-types');
  const findings = new Findings();
  const harmless = taskTypes.filter(({ type }) => !reachingOut.includes(type));
  const judge = createJudge(contract);
  const fuzzing = createFuzzing({ seed, contract, judge, taskTypes: harmless, api: installation, findings });
  if (only !== undefined) {
    await fuzzing.send(only, only + 1, 1);
    print(`${[...fuzzing.answered.keys()]}\n${findings}`);
    return findings.count === 0;
  }

  const atStart = await api.holdings();
  const probe = startHealthProbe(installation.port, installation.host);
  const startedAt = performance.now();
  let sent = await fuzzing.send(0, warmAfter, lanes);
  await endAll(call);
  const warm = await settled(api);
  sent += await fuzzing.send(warmAfter, requests, lanes);
  const seconds = (performance.now() - startedAt) / 1_000;
  await endAll(call);
  const atEnd = await settled(api);
  const { took, faults } = await probe.stop();
  const worstMs = took.at(-1) ?? 0;

  const last = await call('POST', '/submit-task', { type: 'fuzz.last', payload: 'a normal one' });

  const checks = {
    'every answer is one that the document has, and tells nothing of the inside': findings.count === 0,
    'every process lives, and logged no error': installation.processes.every((each) => each.faults.length === 0),
    [`/health/live was answered within ${heldUpMs} ms`]: faults.length === 0 && worstMs < heldUpMs,
    [`the store was away for at most ${awayShare * 100} % of the requests`]:
      (fuzzing.answered.get(503) ?? 0) <= Math.max(5, awayShare * sent),
    'the heap is flat': atEnd.heapUsed < warm.heapUsed + heapMargin,
    'the memory is flat': atEnd.rss < warm.rss + rssMargin,
    'no timers and connections are left': leftOver(warm.held, atEnd.held) === undefined,
    'a normal task is completed': last.state === 'completed' && last.result === 'a normal one',
  };

  print(`${sent} requests in ${seconds.toFixed(0)} s; set-up ${flags.setup}, seed ${seed}, ${lanes} at a time\n`);
  print(`answers: ${byClass(fuzzing.answered)}\n`);
  print(`  ${listed(fuzzing.answered)}\n`);
  print(
    `operation × status: ${fuzzing.produced.size} different ones answered, ${contract.operations.length} operations\n`,
  );
  for (const [when, holdings] of Object.entries({
    'at start': atStart,
    [`after ${warmAfter}`]: warm,
    'at end': atEnd,
  })) {
    const { rss, heapUsed, external, held } = holdings;
    print(
      `  ${when.padEnd(12)} RSS ${megabytes(rss)}, heap ${megabytes(heapUsed)}, external ${megabytes(external)}; ${JSON.stringify(held)}\n`,
    );
  }
  const quantile = (q) => took[Math.floor((took.length - 1) * q)]?.toFixed(1);
  print(
    `/health/live: ${took.length} times, p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, longest ${worstMs.toFixed(0)} ms\n`,
  );
  for (const each of installation.processes) {
    for (const [message, times] of each.warnings) print(`warned ${times} ×: ${message}\n`);
    for (const fault of each.faults.slice(0, 20)) print(`FAULT ${fault}\n`);
  }
  for (const fault of new Set(faults)) print(`FAULT ${fault}\n`);
  print(String(findings));
  for (const [name, holds] of Object.entries(checks)) print(`${holds ? 'ok  ' : 'FAIL'}  ${name}\n`);
  return Object.values(checks).every(Boolean);
}

/** Ends every task, so that what is held afterwards is held for none of them. @throws Error if some run on */
async function endAll(call) {
  // A pause is one of the things that were asked for.
  for (const { name } of (await call('GET', '/queues')).items)
    await call('POST', `/queues/${encodeURIComponent(name)}/resume`);
  // So is a mass action, which may be retrying what is cancelled here.
  for (let cursor = ''; cursor !== undefined; ) {
    const { items, nextCursor } = await call('GET', `/operations?limit=100${cursor}`);
    for (const { id, state } of items) if (state === 'running') await call('POST', `/operations/${id}/stop`);
    cursor = nextCursor === null ? undefined : `&cursor=${encodeURIComponent(nextCursor)}`;
  }
  const everything = { action: 'cancel', filter: {}, all: true, perSecond: 10_000 };
  let { id, state } = await call('POST', '/operations', everything, 202);
  const startedAt = performance.now();
  for (let running = 1; state === 'running' || running > 0; await sleep(200)) {
    if (performance.now() - startedAt > endWithinMs) {
      const { items } = await call('GET', '/tasks?state=running&limit=1');
      throw new Error(`tasks do not end: the operation is ${state}, ${running} run, as ${JSON.stringify(items[0])}`);
    }
    ({ state } = await call('GET', `/operations/${id}`));
    running = sum((await call('GET', '/queues')).items.map(({ counts }) => counts.running));
  }
}

/** What there is more of than there was; a few come and go. */
function leftOver(before, after) {
  const kinds = ['TCPSocketWrap', 'Timeout'];
  return kinds.find((kind) => (after[kind] ?? 0) > (before[kind] ?? 0) + heldMargin);
}

/** What a process holds once the last connections are gone. */
async function settled(api) {
  let holdings = await api.holdings();
  for (let tries = 0; tries < 20; tries++) {
    await sleep(250);
    const next = await api.holdings();
    if (next.heapUsed >= holdings.heapUsed * 0.99 && sum(next.held) >= sum(holdings.held)) return next;
    holdings = next;
  }
  return holdings;
}

function sum(counts) {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function byClass(outcomes) {
  const classes = new Map();
  for (const [outcome, times] of outcomes) {
    const name = typeof outcome === 'number' ? `${Math.floor(outcome / 100)}xx` : outcome;
    classes.set(name, (classes.get(name) ?? 0) + times);
  }
  return listed(classes);
}

function listed(counts) {
  const sorted = [...counts].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return sorted.map(([name, times]) => `${name}: ${times}`).join(', ');
}

function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function print(text) {
  process.stdout.write(text);
}
