// How long a page of the history takes: GET /tasks in this process, over a million tasks in PostgreSQL.
import { parseArgs } from 'node:util';
import { createNavette } from '@navette/adapters';
import { openPostgres } from '@navette/adapters/postgres';
import { defineTask } from '@navette/domain';
import pg from 'pg';
import { createBoard } from '../packages/app-api/dist/board.js';
import { createBenchApp } from './http/bench-app.mjs';
import { loadHistory, shape } from './search/history.mjs';
import { searches } from './search/searches.mjs';

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '15' },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  process.stdout.write(`node bench/search.mjs [--rows N] [--runs N] [--only TEXT] [--keep]

  --rows N     tasks in the history (default 1000000)
  --runs N     how often each page is asked for (default 15)
  --only TEXT  only the searches whose query contains TEXT
  --keep       leave the database for the next run, which then need not load it

PostgreSQL: BENCH_DATABASE_URL (default postgres://postgres@127.0.0.1:5432/test); the database is navette_bench_search.
`);
  process.exit(0);
}
const rows = Number(flags.rows);
const runs = Number(flags.runs);
const adminUrl = process.env.BENCH_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/test';
const url = new URL(adminUrl);
url.pathname = '/navette_bench_search';

const admin = new pg.Pool({ connectionString: adminUrl, max: 1 });
const drop = () => admin.query('drop database if exists navette_bench_search with (force)');
if (!(await isLoaded())) {
  await drop();
  await admin.query('create database navette_bench_search');
}
const store = openPostgres({ connectionString: url.href });
await store.ready;
const navette = createNavette({ ...store, tasks: shape.types.map(([type, , queue]) => taskType(type, queue)) });
const app = createBenchApp(navette, { board: await createBoard(navette) });
try {
  if (!(await isLoaded())) {
    process.stderr.write(`loading ${rows} tasks …\n`);
    const pool = new pg.Pool({ connectionString: url.href, max: 1 });
    await loadHistory(pool, 'navette', rows);
    await pool.end();
  }
  // A worker does so in the background.
  while ((await store.store.tally(20_000)) > 0);
  await measure();
} finally {
  await navette.close();
  await store.close();
  if (!flags.keep) await drop();
  await admin.end();
}

function taskType(type, queue) {
  const payload = { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value }) } };
  return defineTask({ type, queue, payload, handler: async () => {} });
}

/** Whether the database is there, with as many tasks. */
async function isLoaded() {
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  try {
    const counted = await pool.query('select count(*) from navette.tasks');
    return Number(counted.rows[0].count) === rows;
  } catch {
    return false;
  } finally {
    await pool.end();
  }
}

async function measure() {
  const asked = searches(new Date()).filter(({ query }) => !flags.only || query.includes(flags.only));
  process.stdout.write(
    `${'GET /tasks?'.padEnd(88)} first page     in the middle  near the end   (ms: fastest, median)\n`,
  );
  for (const { query } of asked) {
    const figures = [await timesOf(query)];
    for (const share of [0.5, 0.03]) figures.push(await timesOf(query, await cursorAt(query, share)));
    process.stdout.write(`${query.padEnd(88)} ${figures.map((figure) => figure.padEnd(14)).join(' ')}\n`);
  }
  const board = '/board/api/queues?activeQueue=default&jobsPerPage=10';
  const pages = [
    'latest&page=1',
    'completed&page=1',
    'completed&page=1000',
    'completed&page=10000',
    'failed&page=4000',
  ];
  for (const path of ['/queues', ...pages.map((page) => `${board}&status=${page}`)]) {
    process.stdout.write(`GET ${path.padEnd(84)} ${await timesOf(undefined, undefined, path)}\n`);
  }
}

async function ask(path) {
  const startedAt = performance.now();
  const response = await app.request(`http://127.0.0.1${path}`, { headers: { host: '127.0.0.1' } });
  const body = await response.json();
  return { ms: performance.now() - startedAt, status: response.status, body };
}

/** The fastest of some runs and their median, ms; or why there is none. The fastest is what a machine at rest would do. */
async function timesOf(query, cursor, path = `/tasks?${query}${cursor ? `&cursor=${cursor}` : ''}`) {
  if (cursor === null) return '–';
  const times = [];
  for (let run = 0; run < runs; run++) {
    const { ms, status, body } = await ask(path);
    if (status !== 200) return `${status} ${body.code} ${ms.toFixed(0)}`;
    times.push(ms);
  }
  times.sort((a, b) => a - b);
  return `${times[0].toFixed(1)} ${times[Math.floor(runs / 2)].toFixed(1)}`;
}

/** A cursor of the same search at a share of the span of time, counted from its beginning. */
async function cursorAt(query, share) {
  const at = new Date(Date.now() - shape.days * 86_400_000 * (1 - share));
  const before = new URLSearchParams(query).get('submittedBefore') ?? new URLSearchParams(query).get('finishedBefore');
  const params = new URLSearchParams(query);
  params.set('submittedBefore', before && new Date(before) < at ? before : at.toISOString());
  params.set('limit', '1');
  const { body } = await ask(`/tasks?${params}`);
  return body.nextCursor ?? null;
}
