// POST /submit-task under load, against an API process of its own. The load comes from this process.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { freePort } from './servers.mjs';

const inRepository = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** How each side's server is started. */
const launches = {
  'http-stub': () => ({ script: inRepository('bench/http/stub.mjs'), env: {} }),
  'http-naive': ({ databaseUrl, redisUrl }) => ({
    script: inRepository('bench/http/naive.mjs'),
    env: { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl },
  }),
  'http-navette-store': ({ databaseUrl }) => ({
    script: inRepository('packages/app-api/dist/main.js'),
    env: { DATABASE_URL: databaseUrl },
  }),
  'http-navette-bullmq': ({ databaseUrl, redisUrl }) => ({
    script: inRepository('packages/app-api/dist/main.js'),
    env: { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl },
  }),
  'http-navette-embedded': (_servers, folder) => ({
    script: inRepository('packages/app-standalone/dist/main.js'),
    env: { NAVETTE_DATA_DIR: join(folder, 'data') },
  }),
};

/** Requests per second, and the tail of their latency, over `seconds` with that many connections. */
export async function measureHttpSubmission({ side, servers, connections, seconds }) {
  const folder = await mkdtemp(join(tmpdir(), 'navette-bench-http-'));
  const port = await freePort();
  const { script, env } = launches[side](servers, folder);
  const child = spawn(process.execPath, [script], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: String(port), LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  try {
    const url = `http://127.0.0.1:${port}`;
    await untilReady(url, child);
    const load = {
      url: `${url}/submit-task`,
      method: 'POST',
      connections,
      headers: { 'content-type': 'application/json' },
    };
    const body = JSON.stringify({
      type: 'demo.echo',
      payload: { n: 1, text: 'twelve words of payload' },
      delayMs: 3_600_000,
    });
    await autocannon({ ...load, body, duration: 1 });
    const result = await autocannon({ ...load, body, duration: seconds });
    if (result.non2xx > 0 || result.errors > 0) {
      throw new Error(`${result.non2xx} answers were not 2xx, ${result.errors} errors`);
    }
    return { perSecond: result.requests.average, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
  } finally {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await exited;
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
  }
}

async function untilReady(url, child) {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const ready = await fetch(`${url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the server did not become ready in 30 s');
}
