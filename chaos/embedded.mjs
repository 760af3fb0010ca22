// The set-up with nothing installed: one process with a database of its own, seen from outside over HTTP only.
import { join } from 'node:path';
import { openEmbeddedPostgres } from '@navette/adapters/pglite';
import { Installation } from './installation.mjs';
import { Load } from './load.mjs';
import { recordMoves } from './moves.mjs';
import { freePort } from './servers.mjs';

/** The standalone process; while it is stopped its data folder can be opened. */
export class EmbeddedInstallation extends Installation {
  #dataDir = '';

  async open() {
    const { folder, seed, perSecond } = this.options;
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.#dataDir = join(folder, 'data');
    const environment = { PORT: String(port), NAVETTE_DATA_DIR: this.#dataDir, NAVETTE_QUEUES: '*:40' };
    this.api = this.place('standalone', 'standalone', environment);
    this.workers = [this.api];
    // The first start makes the tables, on which the trigger is put before the second.
    await this.api.start('worker running');
    await this.inspect(recordMoves);
    await this.api.start('worker running');
    this.load = new Load({ url: this.url, seed, perSecond });
  }

  /** Stops the process and opens its data folder. */
  async inspect(use) {
    await this.api.stop();
    const database = await openEmbeddedPostgres({ dataDir: this.#dataDir });
    const pool = database.createPool({ max: 1, transactionLimitMs: 60_000 });
    try {
      return await use(pool);
    } finally {
      await database.close();
    }
  }

  async openTasks() {
    const { items } = await this.get('/queues');
    const open = ['scheduled', 'queued', 'running', 'retrying'];
    return items.flatMap(({ counts }) => open.map((state) => counts[state])).reduce((sum, count) => sum + count, 0);
  }

  async tookUpAllUrgent() {
    return true;
  }

  async workersSeenSince(moment) {
    const since = new Date(moment).toISOString();
    const { items } = await this.get(`/tasks?state=completed&finishedAfter=${since}&limit=100`);
    return new Set(items.some(({ startedAt }) => startedAt > since) ? [this.api.worker] : []);
  }
}
