// The servers a run works on: PostgreSQL as it is at hand, which must be durable, and a private Redis with AOF everysec.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Redis from 'ioredis';
import pg from 'pg';

const adminUrl = process.env.BENCH_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/test';
const databasePrefix = `navette_bench_${process.pid}`;

/** A port nobody listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts what a run needs; `stop` ends it again and removes what it left. */
export async function startServers() {
  const pool = new pg.Pool({ connectionString: adminUrl, max: 1 });
  const settings = {};
  for (const name of ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers']) {
    settings[name] = (await pool.query(`show ${name}`)).rows[0][name];
  }
  if (settings.fsync !== 'on' || settings.synchronous_commit !== 'on') {
    throw new Error(`PostgreSQL is not durable: ${JSON.stringify(settings)}; the figures would mean nothing`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'navette-bench-'));
  const port = await freePort();
  const flags = [
    '--bind',
    '127.0.0.1',
    '--port',
    port,
    '--dir',
    folder,
    '--appendonly',
    'yes',
    '--appendfsync',
    'everysec',
    '--save',
    '',
  ];
  const redisServer = spawn('redis-server', flags.map(String), { stdio: 'ignore' });
  const endRedis = () => redisServer.kill('SIGKILL');
  process.once('exit', endRedis);
  const connect = (db) => {
    const connection = new Redis(port, '127.0.0.1', { db, retryStrategy: () => 50, maxRetriesPerRequest: null });
    connection.on('error', () => {});
    return connection;
  };
  const redis = connect(0);
  const version = /redis_version:(\S+)/.exec(await redis.info('server'))[1];
  /** Has everybody write now what is left to write: in the midst of some later measurement it would fall into its time. */
  const settle = async () => {
    await pool.query('checkpoint');
    const isRewriting = async () => /aof_rewrite_(in_progress|scheduled):1/.test(await redis.info('persistence'));
    while (await isRewriting()) await sleep(10);
    await redis.bgrewriteaof();
    while (await isRewriting()) await sleep(10);
  };
  /** A database in PostgreSQL and one in Redis. */
  const place = (number) => {
    const database = `${databasePrefix}_${number}`;
    const databaseUrl = new URL(adminUrl);
    databaseUrl.pathname = `/${database}`;
    const redisDb = connect(number);
    const drop = () => pool.query(`drop database if exists ${database} with (force)`);
    return {
      databaseUrl: databaseUrl.href,
      redisUrl: `redis://127.0.0.1:${port}/${number}`,
      /** Every measurement starts from an empty database and an empty Redis, with nothing left to write. */
      async clean() {
        await drop();
        await pool.query(`create database ${database}`);
        await redisDb.flushdb();
        await settle();
      },
      /** Removes what is left, for good. */
      async leave() {
        await drop();
        redisDb.disconnect();
      },
    };
  };
  const common = {
    /** A folder for what a side keeps in files. */
    folder,
    settings: { postgres: settings, redis: { version, appendonly: 'yes', appendfsync: 'everysec' } },
    /** The processes whose CPU time is counted; without PostgreSQL's where that is on another machine. */
    pids: { postgres: await postmasterOf(pool), redis: redisServer.pid },
    settle,
    /** Bytes that Redis holds. */
    redisBytes: async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))[1]),
    /** Bytes of log that PostgreSQL has written so far, for all its databases. */
    walBytes: async () =>
      Number((await pool.query(`select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as bytes`)).rows[0].bytes),
  };
  const [here, beside] = [place(0), place(1)];
  return {
    ...common,
    ...here,
    /** A second place on the same servers, for what is measured in turn with something that stays where it is. */
    beside: { ...common, ...beside },
    async stop() {
      await Promise.all([here, beside].map(({ leave }) => leave()));
      await pool.end();
      redis.disconnect();
      redisServer.kill('SIGTERM');
      if (redisServer.exitCode === null) await new Promise((resolve) => redisServer.once('exit', resolve));
      process.off('exit', endRedis);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The process that all of PostgreSQL's are children of; `undefined` if it is not on this machine. */
async function postmasterOf(pool) {
  const { pid } = (await pool.query('select pg_backend_pid() as pid')).rows[0];
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  if (!stat.includes('(postgres')) return undefined;
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
