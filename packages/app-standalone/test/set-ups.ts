import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import { AppProcess } from './app-process.ts';
import { Client } from './client.ts';
import { freshPath } from './data-folders.ts';
import { borrowDatabase, borrowRedis } from './servers.ts';

/** How long something that takes a moment may take on a busy machine. */
export const patience = { timeout: 20_000, interval: 50 };

/** The module with the task types of these tests. */
export const NAVETTE_TASKS = fileURLToPath(new URL('test-tasks.mjs', import.meta.url));

/** What a worker is started with beyond the set-up's own environment. */
export type Environment = Readonly<Record<string, string>>;

/** One of the three ways to run Navette, as real processes. */
export interface SetUp {
  readonly name: string;
  /** Makes what it runs on. */
  open(): Promise<Installation>;
}

/** What processes are started on, and keeps their tasks while none runs. */
export interface Installation {
  /** Starts an API and as many workers; standalone, both are one process. Resolves when all are ready. */
  start(workers: number, environment?: Environment): Promise<Deployment>;
  close(): Promise<void>;
}

/** The processes that run now. */
export interface Deployment {
  readonly client: Client;
  readonly api: AppProcess;
  readonly workers: readonly AppProcess[];
  /** Starts one worker more; not standalone. */
  addWorker(environment?: Environment): Promise<AppProcess>;
  /** Ends every process at once, as a crash does. */
  crash(): Promise<void>;
}

/** Nothing installed: API, worker and database in one process. */
export const embedded: SetUp = {
  name: 'embedded PostgreSQL',
  open: async () => {
    const folder = freshPath();
    return {
      start: async (_workers, environment = {}) => {
        const app = await ready(
          new AppProcess('standalone', { NAVETTE_DATA_DIR: folder, NAVETTE_TASKS, ...environment }),
        );
        return deployment(app, [app], () => {
          throw new Error('the folder has room for one process');
        });
      },
      close: async () => {},
    };
  },
};

/** PostgreSQL alone. */
export const postgres: SetUp = {
  name: 'PostgreSQL',
  open: async () => {
    const database = await borrowDatabase();
    return apart({ DATABASE_URL: database.url, NAVETTE_TASKS }, database.giveBack);
  },
};

/** BullMQ on Redis beside PostgreSQL. */
export const redis: SetUp = {
  name: 'Redis and PostgreSQL',
  open: async () => {
    const [database, broker] = [await borrowDatabase(), await borrowRedis()];
    return apart({ DATABASE_URL: database.url, REDIS_URL: broker.url, NAVETTE_TASKS }, async () => {
      await database.giveBack();
      await broker.giveBack();
    });
  },
};

function apart(servers: Environment, close: () => Promise<void>): Installation {
  return {
    start: async (count, environment = {}) => {
      const api = await ready(new AppProcess('api', servers));
      const addWorker = (more: Environment = {}) => ready(new AppProcess('worker', { ...servers, ...more }));
      const workers = await Promise.all(Array.from({ length: count }, () => addWorker(environment)));
      return deployment(api, workers, addWorker);
    },
    close,
  };
}

async function deployment(
  api: AppProcess,
  workers: AppProcess[],
  addWorker: Deployment['addWorker'],
): Promise<Deployment> {
  const all = () => [...new Set([api, ...workers])];
  return {
    client: new Client(await api.url()),
    api,
    workers,
    addWorker: async (environment) => {
      const worker = await addWorker(environment);
      workers.push(worker);
      return worker;
    },
    crash: async () => {
      await Promise.all(all().map((process) => process.end('SIGKILL')));
    },
  };
}

/** Waits until a process says of itself that it is ready. */
async function ready(process: AppProcess): Promise<AppProcess> {
  const health = `${await process.url()}/health/ready`;
  await vi.waitFor(async () => expect((await fetch(health)).status).toBe(200), patience);
  return process;
}
