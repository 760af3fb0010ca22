// What the steward costs: workers with and without one, in turn, on private servers. Idle: CPU time and statements;
// loaded: throughput, and CPU time per task. All CPU time counts, that of the servers as well.
//   node chaos/steward-cost.mjs [--setup store|redis] [--pairs N] [--tasks N] [--loaded]
// With --loaded only that half.
import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { cpuMsOf } from './process-tree.mjs';
import { startReaper } from './reaper.mjs';
import { createPostgres, createRedis } from './servers.mjs';

const idleMs = 20_000;
const settleMs = 3_000;
/** Not counted: everything is cold. */
const warmUpShare = 0.2;

const { values: flags } = parseArgs({
  options: {
    setup: { type: 'string', default: 'store' },
    pairs: { type: 'string', default: '5' },
    tasks: { type: 'string', default: '60000' },
    loaded: { type: 'boolean', default: false },
  },
});
const [pairs, tasks] = [Number(flags.pairs), Number(flags.tasks)];
const folder = mkdtempSync(join(tmpdir(), 'navette-steward-'));
chmodSync(folder, 0o711);
const reaper = startReaper();
reaper.remove(folder);
try {
  await measure();
} finally {
  await reaper.finish();
}

async function measure() {
  const postgres = await createPostgres(folder, reaper);
  const redis = flags.setup === 'redis' ? await createRedis(folder, reaper) : undefined;
  const db = new pg.Pool({ connectionString: postgres.url, max: 1 });
  const urls = { databaseUrl: postgres.url, redisUrl: redis?.url };

  const start = async (withSteward) => {
    const file = fileURLToPath(new URL('steward-cost-worker.mjs', import.meta.url));
    const child = reaper.adopt(fork(file, [JSON.stringify({ ...urls, withSteward })]));
    const next = () => new Promise((resolve) => child.once('message', resolve));
    await next();
    const ask = (question) => {
      const answer = next();
      child.send(question);
      return answer;
    };
    const cpuMs = () => cpuMsOf(child.pid) + cpuMsOf(postgres.pid()) + (redis ? cpuMsOf(redis.pid()) : 0);
    const stop = async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await exited;
    };
    return { ask, cpuMs, stop };
  };

  const statements = async () => {
    const { rows } = await db.query(
      `select xact_commit + xact_rollback as count from pg_stat_database where datname = 'navette'`,
    );
    return Number(rows[0].count);
  };

  const idle = async (withSteward) => {
    const worker = await start(withSteward);
    await worker.ask({ work: true });
    await sleep(settleMs);
    const before = [worker.cpuMs(), await statements()];
    await sleep(idleMs);
    const after = [worker.cpuMs(), await statements()];
    await worker.stop();
    const seconds = idleMs / 1000;
    return { cpu: (after[0] - before[0]) / seconds, statements: (after[1] - before[1]) / seconds };
  };

  const loaded = async (withSteward) => {
    const worker = await start(withSteward);
    await worker.ask({ fill: tasks });
    // Old enough to be checked.
    await sleep(settleMs + 3_000);
    await worker.ask({ work: true });
    await worker.ask({ until: tasks * warmUpShare });
    const [cpu, startedAt] = [worker.cpuMs(), performance.now()];
    await worker.ask({ until: tasks });
    const seconds = (performance.now() - startedAt) / 1000;
    const counted = tasks * (1 - warmUpShare);
    const result = { perSecond: counted / seconds, cpu: (1000 * (worker.cpuMs() - cpu)) / counted };
    await worker.stop();
    await db.query('truncate navette.tasks, navette.attempts');
    return result;
  };

  const rounds = async (what) => {
    const [withOne, without] = [[], []];
    for (let pair = 0; pair < pairs; pair++) {
      // Whoever goes first has it colder.
      for (const withSteward of pair % 2 === 0 ? [true, false] : [false, true]) {
        (withSteward ? withOne : without).push(await what(withSteward));
      }
    }
    return { withOne, without };
  };

  if (!flags.loaded) {
    const { withOne, without } = await rounds(idle);
    print('idle: CPU, ms per s', withOne, without, 'cpu');
    print('idle: statements per s', withOne, without, 'statements');
  }
  const { withOne, without } = await rounds(loaded);
  print('loaded: tasks per s', withOne, without, 'perSecond');
  print('loaded: CPU, µs per task', withOne, without, 'cpu');
  await db.end();
}

function print(what, withOne, without, key) {
  const [a, b] = [withOne, without].map((rounds) => median(rounds.map((round) => round[key])));
  const ratios = withOne.map((round, i) => round[key] / without[i][key]);
  const digits = a < 100 ? 1 : 0;
  const spread = `${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}`;
  process.stdout.write(
    `${flags.setup}, ${what}: ${a.toFixed(digits)} with, ${b.toFixed(digits)} without, ratio ${median(ratios).toFixed(3)} (${spread})\n`,
  );
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}
