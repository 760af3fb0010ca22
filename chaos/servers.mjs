// Private servers on free ports, which can be killed, frozen and wiped; nobody else's are ever touched.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { killTree, signalTree } from './process-tree.mjs';
import { mountSmallDisk } from './small-disk.mjs';

/**
 * @typedef {object} Server
 * @property {string} url
 * @property {() => Promise<void>} start resolves when it answers
 * @property {() => Promise<void>} stop in good order
 * @property {() => Promise<void>} kill at once, with SIGKILL
 * @property {() => number} pid of its first process
 * @property {() => void} freeze it takes connections and answers nothing
 * @property {() => void} thaw
 */

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * A PostgreSQL, durable as by default, with an empty database `navette`.
 * @param {string} folder for its data and its log
 * @param {import('./reaper.mjs').Reaper} reaper
 * @param {number} [diskMegabytes] size of a disk of their own for its tables, where there can be one; default: none
 * @returns {Promise<Server & { disk: import('./small-disk.mjs').SmallDisk | undefined }>}
 */
export async function createPostgres(folder, reaper, diskMegabytes) {
  const bin = postgresPrograms();
  const port = await freePort();
  const data = join(folder, 'postgres');
  const owner = notRoot();
  mkdirSync(data);
  if (owner.uid !== undefined) chownSync(data, owner.uid, owner.gid);
  run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N'], owner);
  const log = openSync(join(folder, 'postgres.log'), 'a');
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${data}`, 'max_connections=200'];
  const flags = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const at = (database) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const start = () => spawn(join(bin, 'postgres'), flags, { ...owner, stdio: ['ignore', log, log] });
  const server = controlled({
    url: at('navette'),
    start,
    reaper,
    stopSignal: 'SIGINT',
    answers: () => ask(at('postgres'), 'select 1'),
  });
  await server.start();
  const disk = diskMegabytes && mountSmallDisk(join(folder, 'disk'), diskMegabytes, owner, reaper);
  if (disk) await ask(at('postgres'), `create tablespace small location '${disk.folder}'`);
  await ask(at('postgres'), `create database navette${disk ? ' tablespace small' : ''}`);
  return { ...server, disk };
}

/**
 * A Redis that keeps nothing by itself; a `SAVE` is found again at its next start.
 * @param {string} folder
 * @param {import('./reaper.mjs').Reaper} reaper
 * @returns {Promise<Server & { forget: () => void }>} `forget`: removes what a SAVE has left
 */
export async function createRedis(folder, reaper) {
  const port = await freePort();
  const data = join(folder, 'redis');
  mkdirSync(data);
  const log = openSync(join(folder, 'redis.log'), 'a');
  const url = `redis://127.0.0.1:${port}`;
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', data, '--save', '', '--appendonly', 'no'];
  const start = () => spawn('redis-server', flags, { stdio: ['ignore', log, log] });
  const server = controlled({ url, start, reaper, stopSignal: 'SIGTERM', answers: () => pingRedis(url) });
  await server.start();
  return { ...server, forget: () => rmSync(join(data, 'dump.rdb'), { force: true }) };
}

function controlled({ url, start, reaper, stopSignal, answers }) {
  let child;
  let exited;
  const end = async (how) => {
    how();
    await exited;
  };
  return {
    url,
    start: async () => {
      for (let tries = 0; ; tries++) {
        child = reaper.adopt(start());
        exited = new Promise((resolve) => child.once('exit', resolve));
        if (await answersSoon(child, answers)) return;
        // What was killed lets go of its shared memory a moment later.
        if (tries === 20) throw new Error(`${url} did not start, see its log`);
        await sleep(100);
      }
    },
    pid: () => child.pid,
    stop: () => end(() => child.kill(stopSignal)),
    kill: () => end(() => killTree(child.pid)),
    freeze: () => signalTree(child.pid, 'SIGSTOP'),
    thaw: () => signalTree(child.pid, 'SIGCONT'),
  };
}

/** Waits until a server answers; `false` if it ends instead. */
async function answersSoon(child, answers) {
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null || child.signalCode !== null) return false;
    const answered = await answers().then(
      () => true,
      () => false,
    );
    if (answered) return true;
    await sleep(50);
  }
  throw new Error('a server did not answer within 30 s');
}

async function ask(url, statement) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.query(statement);
  } finally {
    await client.end().catch(() => {});
  }
}

async function pingRedis(url) {
  const redis = new Redis(url, { lazyConnect: true, connectTimeout: 1_000, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}

/** PostgreSQL refuses to run as root. */
function notRoot() {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout), cwd: '/' };
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody');
}

/** Where initdb and postgres are: on the path, or where Debian keeps them. */
function postgresPrograms() {
  const onPath = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' }).stdout?.trim();
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [onPath, ...versions.map((version) => join(debian, version, 'bin'))].filter(Boolean);
  const found = folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
  if (!found) throw new Error(`initdb and postgres were not found in ${folders.join(', ') || debian}`);
  return found;
}

function run(command, args, options) {
  const { status, stderr, error } = spawnSync(command, args, { ...options, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? stderr}`);
}
