// What each index of the history costs when tasks are written: CPU time of PostgreSQL and WAL per task, on Linux, where
// this process can see the one of PostgreSQL. Unlike throughput, CPU time tells little of what else the machine does.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createHotPool, createPostgresStore } from '@navette/adapters/postgres';
import { createSystem } from '@navette/adapters/system';
import pg from 'pg';
import { loadHistory } from './search/history.mjs';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    tasks: { type: 'string', default: '40000' },
    history: { type: 'string', default: '200000' },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  process.stdout.write(`node bench/index-cost.mjs [--rounds N] [--tasks N] [--history N]

  --rounds N   how often everything is measured; the least figure counts (default 3)
  --tasks N    tasks that are written each time (default 40000)
  --history N  tasks that are there before (default 200000)

PostgreSQL: BENCH_DATABASE_URL (default postgres://postgres@127.0.0.1:5432/test); the database is navette_bench_indexes.
`);
  process.exit(0);
}
const tasks = Number(flags.tasks);
const batch = 500;
const adminUrl = process.env.BENCH_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/test';
const url = new URL(adminUrl);
url.pathname = '/navette_bench_indexes';
const { newId } = createSystem();
const admin = new pg.Pool({ connectionString: adminUrl, max: 1 });
const drop = () => admin.query('drop database if exists navette_bench_indexes with (force)');

const indexes = [
  'tasks_waiting',
  'tasks_ended',
  'tasks_ended_lanes',
  'tasks_finished',
  'tasks_by_error',
  'tasks_ended_by_tag',
  'tasks_waiting_by_tag',
];
const cases = [true, false].flatMap((tagged) =>
  [[], ...indexes.map((index) => [index]), indexes].map((without) => ({ tagged, without, samples: [] })),
);
for (let round = 1; round <= Number(flags.rounds); round++) {
  for (const each of cases) {
    each.samples.push(await measure(each));
    process.stderr.write('.');
  }
}
await drop();
await admin.end();

process.stdout.write(`\n${'µs of CPU and bytes of WAL per task'.padEnd(54)} submit          claim + settle\n`);
for (const { tagged, without, samples } of cases) {
  const least = (part, what) => Math.min(...samples.map((sample) => sample[part][what])).toFixed(1);
  const name = without.length === indexes.length ? 'none of them' : without.length > 0 ? `without ${without}` : 'all';
  const figures = ['submitted', 'worked'].map(
    (part) => `${least(part, 'cpu').padStart(5)} ${least(part, 'wal').padStart(7)}`,
  );
  process.stdout.write(`${(tagged ? 'three tags, ' : 'no tags, ').concat(name).padEnd(54)} ${figures.join('   ')}\n`);
}

async function measure({ tagged, without }) {
  await drop();
  await admin.query('create database navette_bench_indexes');
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  const hotPool = createHotPool(pool, 1);
  // The database is dropped while its connections are still on their way out.
  pool.on('error', () => {});
  const store = createPostgresStore({ pool, hotPool, searchPool: pool, quickMs: 60_000, patientMs: 60_000 });
  await store.migrate();
  for (const index of without) await pool.query(`drop index navette.${index}`);
  await loadHistory(pool, 'navette', Number(flags.history));
  await pool.query('delete from navette.tasks where finished_at is null');
  await pool.query('vacuum analyze navette.tasks');
  await pool.query('checkpoint');
  const { pid } = (await hotPool.query('select pg_backend_pid() as pid')).rows[0];
  const cost = async (work) => {
    const [cpuBefore, walBefore] = [cpuOf(pid), await walOf(pool)];
    for (let first = 0; first < tasks; first += batch) await work(first);
    return { cpu: (cpuOf(pid) - cpuBefore) / tasks, wal: ((await walOf(pool)) - walBefore) / tasks };
  };
  const submitted = await cost((first) =>
    store.records.insert(Array.from({ length: batch }, (_, n) => newTask(first + n, tagged))),
  );
  const claimant = { worker: randomUUID(), types: ['bench'] };
  const worked = await cost(async () => {
    const claimed = await store.dequeue(claimant, 'bench', batch);
    await Promise.all(claimed.map((attempt) => store.attempts.settle(attempt, { outcome: 'completed', result: {} })));
  });
  await store.close();
  await hotPool.end();
  await pool.end();
  return { submitted, worked };
}

function newTask(n, tagged) {
  const tags = [`customer:${Math.floor(Math.random() ** 3 * 20_000)}`, `region:${n % 3}`, `order:${n}`];
  return {
    id: newId(),
    type: 'bench',
    queue: 'bench',
    payload: { n },
    priority: 'normal',
    retry: { maxAttempts: 3, backoff: { kind: 'exponential', delayMs: 1_000 } },
    timeoutMs: 60_000,
    tags: tagged ? tags : [],
  };
}

/** CPU time of a process so far, µs. */
function cpuOf(pid) {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000;
}

async function walOf(pool) {
  return Number((await pool.query(`select pg_current_wal_insert_lsn() - '0/0' as bytes`)).rows[0].bytes);
}
