// One installation under test: its servers and processes, the client, and what the faults need to know of it.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { Load } from './load.mjs';
import { recordMoves } from './moves.mjs';
import { Place } from './processes.mjs';
import { openProxy } from './proxy.mjs';
import { createPostgres, createRedis, freePort } from './servers.mjs';

const inSuite = (file) => fileURLToPath(new URL(file, import.meta.url));
/**
 * The first one is spared what takes a worker away: it keeps away from the queue of dangerous tasks, so that always
 * somebody is there who may declare others lost.
 */
const workerCount = 4;
/** Wall clocks of workers may be off by a minute, either way. */
const skewsMs = [0, 60_000, -60_000, 0];

/**
 * @typedef {object} Options
 * @property {string} name of the set-up
 * @property {number} seed
 * @property {number} perSecond submissions
 * @property {boolean} quick
 * @property {string} folder everything is kept in it
 * @property {import('./reaper.mjs').Reaper} reaper
 * @property {(text: string) => void} say progress, for people
 */

/** API and workers as processes of their own, on private servers. */
export class Installation {
  /** @param {Options} options */
  constructor(options) {
    this.name = options.name;
    this.quick = options.quick;
    this.seed = options.seed;
    this.say = options.say;
    this.options = options;
    this.journal = join(options.folder, 'journal');
    /** @type {Place[]} */
    this.workers = [];
  }

  /** Starts everything; resolves when tasks are taken and run. */
  async open() {
    const { folder, reaper, name, seed, perSecond } = this.options;
    this.postgres = await createPostgres(folder, reaper);
    if (name === 'redis') this.redis = await createRedis(folder, reaper);
    // Workers reach PostgreSQL by a way that can be cut; API and audit do not.
    this.proxy = await openProxy(this.postgres.url);
    this.db = new pg.Pool({ connectionString: this.postgres.url, max: 3, connectionTimeoutMillis: 5_000 });
    this.db.on('error', () => {});
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.api = this.place('api', 'api', { PORT: String(port), DATABASE_URL: this.postgres.url });
    await this.api.start('listening');
    await this.until('the API is ready', async () => (await fetch(`${this.url}/health/ready`)).ok);
    await recordMoves(this.db);
    for (let i = 0; i < workerCount; i++) {
      const queues = i === 0 ? 'default:8' : '*:8';
      const environment = { PORT: '0', DATABASE_URL: this.proxy.url, NAVETTE_QUEUES: queues, ...skewed(skewsMs[i]) };
      this.workers.push(this.place('worker', `worker ${i + 1}`, environment));
    }
    await Promise.all(this.workers.map((place) => place.start('worker running')));
    this.load = new Load({ url: this.url, seed, perSecond });
  }

  /** A place for one of Navette's processes. */
  place(app, name, environment) {
    const { folder, reaper } = this.options;
    const shared = {
      LOG_LEVEL: 'info',
      NAVETTE_TASKS: inSuite('tasks.mjs'),
      NAVETTE_SHUTDOWN_MS: '1000',
      CHAOS_JOURNAL: this.journal,
      ...(this.redis && { REDIS_URL: this.redis.url }),
    };
    return new Place({ app, name, folder, reaper, environment: { ...shared, ...environment } });
  }

  /** Waits until something holds; gives what it answered. @throws after `withinMs` */
  async until(what, holds, withinMs = 30_000) {
    for (const startedAt = performance.now(); performance.now() - startedAt < withinMs; await sleep(50)) {
      const answer = await Promise.resolve(holds()).catch(() => undefined);
      if (answer) return answer;
    }
    throw new Error(`waited ${withinMs} ms in vain until ${what}`);
  }

  /** The workers that nothing is being done to. */
  get freeWorkers() {
    return this.workers.filter((place) => !place.borrowed);
  }

  /**
   * A worker for one fault alone, one that is running an attempt which takes seconds.
   * @param {import('./random.mjs').Chance} chance
   */
  async borrowBusyWorker(chance) {
    const isBusy = `select 1 from navette.tasks where state = 'running' and worker = $1 and payload->>'ms' = '4000'`;
    for (let tries = 0; tries < 20; tries++) {
      await Promise.all(Array.from({ length: 6 }, () => this.load.submit(longWork)));
      await sleep(200);
      for (const place of chance.shuffle(this.freeWorkers.filter((each) => each !== this.workers[0]))) {
        if (!place.worker || (await this.db.query(isBusy, [place.worker])).rowCount === 0) continue;
        place.borrowed = true;
        return place;
      }
    }
    throw new Error('no worker is running anything');
  }

  /** Whether attempts of a worker have been declared lost since a moment, ms since 1970. */
  async hasLost(worker, since) {
    const { rowCount } = await this.db.query(
      `select from navette.attempts where worker = $1 and outcome = 'lost' and finished_at >= $2 limit 1`,
      [worker, new Date(since)],
    );
    return rowCount > 0;
  }

  /** The ids of those free workers that have completed an attempt which they began after that moment, ms since 1970. */
  async workersSeenSince(moment) {
    const { rows } = await this.db.query(
      `select distinct m.worker from chaos.moves m join navette.attempts a on a.task_id = m.task_id and a.number = m.attempt
       where m.at > $1 and m.before = 'running' and a.started_at > $1`,
      [new Date(moment)],
    );
    return new Set(rows.map((row) => row.worker));
  }

  /** Gives the database to `use`, once nothing is under way any more. */
  inspect(use) {
    return use(this.db);
  }

  /** How many tasks are open. */
  async openTasks() {
    const { rows } = await this.db.query('select count(*)::int as count from navette.tasks where finished_at is null');
    return rows[0].count;
  }

  /** A JSON document of the API. */
  async get(path) {
    const response = await fetch(this.url + path, { signal: AbortSignal.timeout(5_000) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response.json();
  }

  /** The state of every task as the API tells it, by id. */
  async statesOverHttp() {
    const states = new Map();
    let cursor = '';
    do {
      const page = await this.get(`/tasks?limit=100${cursor}`);
      for (const { id, state } of page.items) states.set(id, state);
      cursor = page.nextCursor === null ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`;
    } while (cursor !== '');
    return states;
  }

  /** Lets go of everything but the processes, which the reaper ends. */
  async close() {
    await Promise.all([this.api, ...this.workers].map((place) => place?.kill()));
    await this.db?.end();
    await this.proxy?.close();
    for (const place of [this.api, ...this.workers]) place?.close();
  }
}

const longWork = { type: 'chaos.work', payload: { ms: 4_000 }, priority: 'critical' };

function skewed(skewMs) {
  return skewMs === 0
    ? {}
    : { CHAOS_SKEW_MS: String(skewMs), NODE_OPTIONS: `--import=${new URL('skewed-clock.mjs', import.meta.url)}` };
}
