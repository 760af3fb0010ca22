import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type App, AppProcess } from './app-process.ts';
import { Client } from './client.ts';
import { freshPath } from './data-folders.ts';
import { type Borrowed, borrowDatabase, withoutPostgres } from './servers.ts';
import { NAVETTE_TASKS, patience } from './set-ups.ts';

const unreachable = 'postgres://navette@127.0.0.1:1/navette';
const statusOf = (url: string) => fetch(`${url}/health/ready`).then((response) => response.status);
const becomes = (url: string, status: number) =>
  vi.waitFor(async () => expect(await statusOf(url)).toBe(status), patience);

async function refused(app: App, environment: Record<string, string>): Promise<string[]> {
  const process = new AppProcess(app, { NAVETTE_DATA_DIR: freshPath(), ...environment });
  expect({ exit: await process.exit, errors: process.errors }).toMatchObject({ exit: { code: 2, signal: null } });
  expect(process.errors.join('\n')).not.toMatch(/^\s+at /m);
  return process.errors;
}

describe('what waiting cannot mend ends the start with exit code 2', { concurrent: true }, () => {
  it('every problem of the settings, one line each', async () => {
    expect(await refused('standalone', { PORT: 'x', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://me:secret@db' })).toEqual(
      [
        'navette: PORT must be a whole number from 0 to 65535, not "x"',
        'navette: DATABASE_URL must be a URL such as postgres://me@host:5432/name',
        'navette: LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, not "loud"',
      ],
    );
  });

  it.for(['api', 'worker'] as const)('a missing DATABASE_URL of the %s', async (app) => {
    expect(await refused(app, {})).toEqual([`navette-${app}: DATABASE_URL must be set`]);
  });

  it('a host beyond loopback without keys', async () => {
    expect(await refused('standalone', { HOST: '0.0.0.0' })).toEqual([expect.stringContaining('NAVETTE_API_KEYS')]);
  });

  it('queues that no task type is on, with those that are', async () => {
    expect(await refused('worker', { DATABASE_URL: unreachable, NAVETTE_QUEUES: 'media:2,default:1' })).toEqual([
      'navette-worker: NAVETTE_QUEUES names unknown queues: media; known: default',
    ]);
  });

  it('a catalogue that does not load', async () => {
    const path = `${freshPath()}.mjs`;
    expect(await refused('api', { DATABASE_URL: unreachable, NAVETTE_TASKS: path })).toEqual([
      expect.stringContaining(path),
    ]);
  });

  it('two task types of one name', async () => {
    const path = `${freshPath()}.mjs`;
    const schema = "{ '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }";
    const retry = "{ maxAttempts: 1, backoff: { kind: 'fixed', delayMs: 0, maxDelayMs: 0, jitter: 0 } }";
    const rest = `queue: 'default', description: '', timeoutMs: 1, priority: 'normal', handler() {}`;
    await writeFile(path, `export default [{ type: 'demo.echo', payload: ${schema}, retry: ${retry}, ${rest} }];`);
    expect(await refused('worker', { DATABASE_URL: unreachable, NAVETTE_TASKS: path })).toEqual([
      expect.stringContaining('two task types are named demo.echo'),
    ]);
  });

  it('an address that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await refused('api', { DATABASE_URL: unreachable, PORT: String(port) })).toEqual([
      expect.stringContaining(`port ${port}`),
    ]);
    const embedded = new AppProcess('standalone', { NAVETTE_DATA_DIR: freshPath(), PORT: String(port) });
    expect((await embedded.exit).code).toBe(2);
    expect(embedded.log.map(({ msg }) => msg)).not.toContain('the database cannot be reached, waiting for it');
    server.close();
  });

  it.skipIf(withoutPostgres)('credentials that the server rejects, and a database that it does not have', async () => {
    const database = await borrowDatabase();
    const url = new URL(database.url);
    url.username = 'nobody_of_navette';
    expect(await refused('worker', { DATABASE_URL: url.href })).toEqual([
      expect.stringContaining('DATABASE_URL: role "nobody_of_navette"'),
    ]);
    await database.giveBack();
    expect(await refused('api', { DATABASE_URL: database.url })).toEqual([
      expect.stringMatching(/DATABASE_URL: database .* does not exist/),
    ]);
  });

  it('a data folder that another process uses', { timeout: 90_000 }, async () => {
    const NAVETTE_DATA_DIR = freshPath();
    const first = new AppProcess('standalone', { NAVETTE_DATA_DIR });
    await first.url();
    expect(await refused('standalone', { NAVETTE_DATA_DIR })).toEqual([expect.stringContaining(NAVETTE_DATA_DIR)]);
    await becomes(await first.url(), 200);
    expect(await first.end('SIGINT')).toEqual({ code: 0, signal: null });
  });
});

describe('the command line', { concurrent: true }, () => {
  it.for(['api', 'standalone', 'worker'] as const)('of the %s explains itself', async (app) => {
    const process = new AppProcess(app, {}, ['--help']);
    expect(await process.exit).toEqual({ code: 0, signal: null });
    const text = process.log.map(({ msg }) => msg).join('\n');
    for (const name of ['--migrate', 'DATABASE_URL', 'PORT', 'LOG_LEVEL']) expect(text).toContain(name);
  });

  it('tells the version', async () => {
    const process = new AppProcess('standalone', {}, ['--version']);
    expect(await process.exit).toEqual({ code: 0, signal: null });
    expect(process.log.map(({ msg }) => msg)).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+/)]);
  });

  const migrate = async (app: App, environment: Record<string, string>) => {
    const process = new AppProcess(app, environment, ['--migrate']);
    const { code } = await process.exit;
    return { code, log: process.log.map(({ msg }) => msg), errors: process.errors };
  };
  const migrated = { code: 0, log: ['the schema is up to date'], errors: [] };

  it.skipIf(withoutPostgres)('migrates and ends, also when there is nothing to do', async () => {
    const { url: DATABASE_URL, giveBack } = await borrowDatabase();
    expect(await migrate('worker', { DATABASE_URL })).toEqual(migrated);
    expect(await migrate('api', { DATABASE_URL })).toEqual(migrated);
    const client = new pg.Client({ connectionString: DATABASE_URL });
    await client.connect();
    await client.query(`insert into navette.migrations values ('9999-newer', now()::text)`);
    await client.end();
    const newer = await migrate('api', { DATABASE_URL });
    expect(newer).toMatchObject({ code: 2, errors: [expect.stringContaining('9999-newer')] });
    await giveBack();
  });

  it('migrates an embedded database, which then starts', async () => {
    const NAVETTE_DATA_DIR = freshPath();
    expect(await migrate('standalone', { NAVETTE_DATA_DIR })).toEqual(migrated);
    const process = new AppProcess('standalone', { NAVETTE_DATA_DIR });
    await becomes(await process.url(), 200);
    expect(await process.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('does not tell that it has migrated when it is stopped while it waits for the database', async () => {
    const process = new AppProcess('api', { DATABASE_URL: unreachable }, ['--migrate']);
    await process.line('the database cannot be reached, waiting for it');
    expect(await process.end('SIGTERM')).toEqual({ code: 1, signal: null });
  });

  it('takes no other argument', async () => {
    const process = new AppProcess('api', {}, ['--port=1']);
    expect(await process.exit).toEqual({ code: 2, signal: null });
    expect(process.errors).toEqual([expect.stringContaining('--port=1')]);
  });
});

describe('a database that is away', { concurrent: true }, () => {
  let database: Borrowed;
  beforeAll(async () => {
    if (!withoutPostgres) database = await borrowDatabase();
  });
  afterAll(() => database?.giveBack());

  it('keeps the API up, which refuses submissions until it comes, and stops cleanly without it', async () => {
    const api = new AppProcess('api', { DATABASE_URL: unreachable });
    const url = await api.url();
    expect(await statusOf(url)).toBe(503);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const response = await new Client(url).post('/submit-task', { type: 'demo.echo', payload: null });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await response.json()).toMatchObject({ code: 'store_unavailable' });
    expect(await api.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it.skipIf(withoutPostgres)('is waited for, migrated, and used', async () => {
    const gate = await openGate(new URL(database.url));
    const servers = { DATABASE_URL: gate.url };
    const [api, worker] = [new AppProcess('api', servers), new AppProcess('worker', servers)];
    const url = await api.url();
    const workerUrl = await worker.url();
    expect([await statusOf(url), await statusOf(workerUrl)]).toEqual([503, 503]);
    gate.open();
    await Promise.all([becomes(url, 200), becomes(workerUrl, 200)]);
    expect(await new Client(url).run('demo.echo', 'after all')).toMatchObject({ result: 'after all' });
    expect(await Promise.all([api.end('SIGTERM'), worker.end('SIGTERM')])).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
    gate.close();
  });
});

describe('a standalone process', { concurrent: true }, () => {
  const start = async () => {
    const process = new AppProcess('standalone', { NAVETTE_DATA_DIR: freshPath(), NAVETTE_TASKS });
    await becomes(await process.url(), 200);
    return { process, client: new Client(await process.url()) };
  };
  const running = (client: Client, id: string) =>
    vi.waitFor(async () => expect((await client.task(id)).state).toBe('running'), patience);

  it('answers waiters when it is told to stop, and ends at once when told so again', async () => {
    const { process, client } = await start();
    const { id } = await client.submit('test.held', null);
    await running(client, id);
    const waiting = client.outcome(id);
    process.kill('SIGINT');
    expect(await waiting).toMatchObject({ id, state: 'running' });
    // The first ones may count as echoes of the same signal.
    await vi.waitFor(() => {
      process.kill('SIGTERM');
      expect(process.ended).toBe(true);
    }, patience);
    expect(await process.exit).toEqual({ code: 143, signal: null });
  });

  it('ends with exit code 1, and in order, after an error that nobody handled', async () => {
    const { process, client } = await start();
    await client.submit('test.careless', null);
    expect(await process.exit).toEqual({ code: 1, signal: null });
    const messages = process.log.map(({ msg }) => msg);
    expect(messages).toContain('ends because of an error that nobody handled');
    expect(messages).toContain('worker stopped');
  });
});

/** A way to a server that is shut until it is opened: connections are refused the while. */
async function openGate(target: URL) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    const beyond = connect(Number(target.port || 5432), target.hostname);
    for (const end of [socket, beyond]) {
      sockets.add(end);
      end.on('error', () => {}).on('close', () => sockets.delete(end));
    }
    socket.pipe(beyond).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    open: () => void server.listen(port, '127.0.0.1'),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
