import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';

/** A Redis of its own, for what must not happen to a shared one. It keeps nothing on disk. */
export interface PrivateRedis {
  readonly url: string;
  /** Starts the server, empty; resolves when it answers. */
  start(): Promise<void>;
  /** Ends it with SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Stops it in its tracks: connections stay, nothing answers. */
  freeze(): void;
  thaw(): void;
  /** Runs one command on a connection of its own. */
  command(name: string, ...args: string[]): Promise<unknown>;
}

/** Whether there is no `redis-server` to start, for `describe.skipIf`; says so. */
export function skipWithoutRedisServer(): boolean {
  if (spawnSync('redis-server', ['--version']).status === 0) return false;
  if ((process.env.NAVETTE_TEST_REQUIRE ?? '').split(',').includes('redis')) {
    throw new Error('there is no redis-server on the path, and NAVETTE_TEST_REQUIRE names redis');
  }
  console.warn('skipped: there is no redis-server on the path');
  return true;
}

/** Picks a free port for a private Redis, not yet started; it is ended with the test. */
export async function createPrivateRedis(): Promise<PrivateRedis> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server: ChildProcess | undefined;

  const kill = async () => {
    if (!server) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
    server = undefined;
  };
  onTestFinished(kill);

  return {
    url,
    start: async () => {
      server = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
      await withConnection(url, (redis) => redis.ping());
    },
    kill,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    command: (name, ...args) => withConnection(url, (redis) => redis.call(name, ...args)),
  };
}

async function withConnection<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  redis.on('error', () => {});
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
