// The servers that take in tasks over HTTP, and the workers behind them: each a process as it is started for real.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProcess } from '../child.mjs';
import { freePort } from '../servers.mjs';

const inRepository = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const api = 'packages/app-api/dist/main.js';
const worker = 'packages/app-worker/dist/main.js';
const standalone = 'packages/app-standalone/dist/main.js';

/** What is started for each side, and which servers it is told of. */
const services = {
  stub: { script: 'bench/http/stub.mjs', reads: [] },
  naive: { script: 'bench/http/naive.mjs', reads: ['DATABASE_URL', 'REDIS_URL'] },
  'one-by-one': { script: 'bench/http/one-by-one.mjs', reads: ['DATABASE_URL', 'REDIS_URL'] },
  'navette-store': { script: api, reads: ['DATABASE_URL'], hasWorker: true },
  'navette-bullmq': { script: api, reads: ['DATABASE_URL', 'REDIS_URL'], hasWorker: true },
  // It always works off what it takes in.
  'navette-embedded': { script: standalone, reads: ['NAVETTE_DATA_DIR'] },
};

const readyWithinMs = 30_000;
const lookEveryMs = 10;

/**
 * Starts a side's server and waits until it is ready.
 * @param workers how many worker processes, where it does not work by itself
 * @param env what its processes are told beside that
 * @param dataDir of an embedded database; without it there is a new one
 */
export async function startService(servers, side, { workers = 0, dataDir, env: more = {} } = {}) {
  const { script, hasWorker, reads } = services[side];
  const folder = await mkdtemp(join(servers.folder, 'service-'));
  const NAVETTE_DATA_DIR = dataDir ?? (reads.includes('NAVETTE_DATA_DIR') && join(folder, 'database'));
  const known = { DATABASE_URL: servers.databaseUrl, REDIS_URL: servers.redisUrl, NAVETTE_DATA_DIR };
  const env = { LOG_LEVEL: 'warn', ...Object.fromEntries(reads.map((name) => [name, known[name]])), ...more };
  const startedAt = performance.now();
  const startWorker = () => startListening(inRepository(worker), { cwd: folder, env });
  const [server, ...working] = await Promise.all([
    startListening(inRepository(script), { cwd: folder, env }),
    ...Array.from({ length: hasWorker ? workers : 0 }, startWorker),
  ]);
  return {
    port: server.port,
    readyMs: performance.now() - startedAt,
    /** The processes whose CPU time counts. */
    pids: { server: server.pid, ...(working.length > 0 && { worker: working.map(({ pid }) => pid) }) },
    async stop() {
      await Promise.all([server, ...working].map((started) => started.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startListening(script, { cwd, env }) {
  const port = await freePort();
  const started = startProcess(script, { cwd, env: { ...env, PORT: String(port) } });
  let ended;
  started.exited.then((how) => {
    ended = how;
  });
  const giveUpAt = performance.now() + readyWithinMs;
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (response?.ok) return { port, ...started };
    if (ended !== undefined) throw new Error(`the server ended (${ended})`);
    if (performance.now() > giveUpAt) {
      await started.stop();
      throw new Error(`the server was not ready in ${readyWithinMs / 1000} s`);
    }
    await sleep(lookEveryMs);
  }
}
