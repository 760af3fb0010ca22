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

/** What is started for each side, and with which variables. */
const services = {
  stub: { script: 'bench/http/stub.mjs', variables: () => ({}) },
  naive: {
    script: 'bench/http/naive.mjs',
    variables: ({ databaseUrl, redisUrl }) => ({ DATABASE_URL: databaseUrl, REDIS_URL: redisUrl }),
  },
  'navette-store': { script: api, hasWorker: true, variables: ({ databaseUrl }) => ({ DATABASE_URL: databaseUrl }) },
  'navette-bullmq': {
    script: api,
    hasWorker: true,
    variables: ({ databaseUrl, redisUrl }) => ({ DATABASE_URL: databaseUrl, REDIS_URL: redisUrl }),
  },
  // It always works off what it takes in.
  'navette-embedded': { script: standalone, variables: (_, folder) => ({ NAVETTE_DATA_DIR: join(folder, 'data') }) },
};

const readyWithinMs = 30_000;
const lookEveryMs = 10;

/**
 * Starts a side's server and waits until it is ready.
 * @param workers how many worker processes, where it does not work by itself
 * @param folder to start in; a new one that is removed at the end unless given
 */
export async function startService(servers, side, { workers = 0, folder: given } = {}) {
  const { script, hasWorker, variables } = services[side];
  const folder = given ?? (await mkdtemp(join(servers.folder, 'http-')));
  const env = { LOG_LEVEL: 'warn', ...variables(servers, folder) };
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
      if (!given) await rm(folder, { recursive: true, force: true });
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
