import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { onTestFinished } from 'vitest';

/** A Redis of its own, for what must not happen to a shared one. It keeps nothing on disk, but for what it is to load. */
export interface PrivateRedis {
  readonly url: string;
  /** Starts the server, empty; resolves when it answers. */
  start(): Promise<void>;
  /** Starts the server with data that take it some seconds to load; resolves when it answers that it is loading. */
  startLoading(): Promise<void>;
  /** Whether it is loading still. */
  isLoading(): Promise<boolean>;
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

  const launch = (...flags: string[]) => {
    const always = ['--port', String(port), '--save', '', '--appendonly', 'no'];
    server = spawn('redis-server', [...always, ...flags], { stdio: 'ignore' });
  };
  const isLoading = () =>
    withConnection(url, async (redis) => (await redis.info('persistence')).includes('loading:1'), {
      enableReadyCheck: false,
    });

  return {
    url,
    start: async () => {
      launch();
      await withConnection(url, (redis) => redis.ping());
    },
    startLoading: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'navette-redis-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      launch('--dir', folder);
      await withConnection(url, async (redis) => {
        await redis.eval(`for i = 1, ${keysToLoad} do redis.call('set', 'filler' .. i, string.rep('x', 2048)) end`, 0);
        await redis.save();
      });
      await kill();
      // As the tests of Redis itself do it: each key takes its time, and clients are answered meanwhile.
      launch('--dir', folder, '--key-load-delay', '2000', '--loading-process-events-interval-bytes', '1024');
      while (!(await isLoading()));
    },
    isLoading,
    kill,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    command: (name, ...args) => withConnection(url, (redis) => redis.call(name, ...args)),
  };
}

/** A key takes 2 ms to load. */
const keysToLoad = 1_500;

async function withConnection<T>(
  url: string,
  use: (redis: Redis) => Promise<T>,
  options: RedisOptions = {},
): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20, ...options });
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
