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
import { Starvation } from './starvation.mjs';
import { urgent } from './urgent.mjs';

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
    this.starvation = new Starvation();
    /** @type {Place[]} */
    this.workers = [];
  }

  /** Starts everything; resolves when tasks are taken and run. */
  async open() {
    const { folder, reaper, name, quick, seed, perSecond } = this.options;
    this.postgres = await createPostgres(folder, reaper, quick ? 128 : 768);
    if (name === 'redis') this.redis = await createRedis(folder, reaper);
    // Workers reach the servers by a way that can be cut; API and audit do not.
    this.proxy = await openProxy(this.postgres.url);
    if (this.redis) this.redisProxy = await openProxy(this.redis.url);
    this.db = new pg.Pool({ connectionString: this.postgres.url, max: 3, connectionTimeoutMillis: 5_000 });
    this.db.on('error', () => {});
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.api = this.place('api', 'api', { PORT: String(port), DATABASE_URL: this.postgres.url });
    await this.api.start('listening');
    await this.until('the API is ready', async () => (await fetch(`${this.url}/health/ready`)).ok);
    await recordMoves(this.db);
    for (let i = 0; i < workerCount; i++) {
      const queues = i === 0 ? 'default:24' : '*:8';
      this.workers.push(this.workerPlace(`worker ${i + 1}`, { NAVETTE_QUEUES: queues, ...skewed(skewsMs[i]) }));
    }
    await Promise.all(this.workers.map((place) => place.start('worker running')));
    this.load = new Load({ url: this.url, seed, perSecond });
  }

  /** A place for a worker. */
  workerPlace(name, environment) {
    const servers = { DATABASE_URL: this.proxy.url, ...(this.redis && { REDIS_URL: this.redisProxy.url }) };
    return this.place('worker', name, { PORT: '0', ...servers, ...environment });
  }

  /** A place for one of Navette's processes. */
  place(app, name, environment) {
    const { starvation, options } = this;
    const { folder, reaper } = options;
    const shared = {
      LOG_LEVEL: 'info',
      NAVETTE_TASKS: inSuite('tasks.mjs'),
      NAVETTE_SHUTDOWN_MS: '1000',
      CHAOS_JOURNAL: this.journal,
      ...(this.redis && { REDIS_URL: this.redis.url }),
    };
    return new Place({ app, name, folder, reaper, starvation, environment: { ...shared, ...environment } });
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
    const isBusy = `select from navette.tasks where state = 'running' and worker = $1 and type = 'chaos.long' limit 1`;
    const findBusy = async () => {
      for (const place of chance.shuffle(this.freeWorkers.filter((each) => each !== this.workers[0]))) {
        if (place.worker && (await this.db.query(isBusy, [place.worker])).rowCount > 0) return place;
      }
    };
    for (let tries = 0; tries < 10; tries++) {
      await Promise.all(Array.from({ length: workerCount }, () => this.load.submit(longWork)));
      const place = await this.until('a worker is busy', findBusy, 2_000).catch(() => undefined);
      if (!place) continue;
      place.borrowed = true;
      return place;
    }
    throw new Error('no worker is running anything');
  }

  /** Whether an attempt of these workers has come out so since a moment, ms since 1970. */
  async hasEnded(workers, outcome, since) {
    const { rowCount } = await this.db.query(
      'select from navette.attempt_history where worker = any($1::uuid[]) and outcome = $2 and finished_at >= $3 limit 1',
      [workers, outcome, new Date(since)],
    );
    return rowCount > 0;
  }

  /** The ids of those free workers that have completed an attempt which they began after that moment, ms since 1970. */
  async workersSeenSince(moment) {
    const { rows } = await this.db.query(
      `select distinct m.worker from chaos.moves m join navette.attempt_history a on a.task_id = m.task_id and a.number = m.attempt
       where m.at > $1 and m.before = 'running' and a.started_at > $1`,
      [new Date(moment)],
    );
    return new Set(rows.map((row) => row.worker));
  }

  /** Whether all urgent tasks have been taken up, or are over, that were queued at a moment, ms since 1970. */
  async tookUpAllUrgent(moment) {
    const { rowCount } = await this.db.query(
      `select from navette.tasks where state = 'queued' and ${urgent} and queued_at <= $1 limit 1`,
      [new Date(moment)],
    );
    return rowCount === 0;
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
    await Promise.all([this.proxy?.close(), this.redisProxy?.close()]);
    for (const place of [this.api, ...this.workers]) place?.close();
  }
}

const longWork = { type: 'chaos.long', payload: null, priority: 'critical' };

function skewed(skewMs) {
  return skewMs === 0
    ? {}
    : { CHAOS_SKEW_MS: String(skewMs), NODE_OPTIONS: `--import=${new URL('skewed-clock.mjs', import.meta.url)}` };
}
