// Runs one scenario against the sources in a process of its own: node child.mjs <scenario> <folder>
import { createViteServer } from 'vitest/node';

const [scenario, dataDir] = process.argv.slice(2);
const server = await createViteServer({
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, watch: null, hmr: false, ws: false },
});
const { openEmbeddedPostgres } = await server.ssrLoadModule(
  new URL('../../src/pglite/index.ts', import.meta.url).pathname,
);
const open = () => openEmbeddedPostgres({ dataDir: dataDir || undefined });
const tell = (message) => new Promise((resolve) => process.send(message, resolve));

const scenarios = {
  /** Writes rows for ever and tells each one that was acknowledged. */
  async write() {
    const pool = (await open()).createPool();
    await pool.query('create table if not exists written (n int primary key)');
    for (let n = 1; ; n++) {
      await pool.query({ name: 'write', text: 'insert into written values ($1)', values: [n] });
      await tell({ written: n });
    }
  },
  /** Opens the folder and tells what happened. */
  async open() {
    try {
      const db = await open();
      await tell({ opened: true });
      await db.close();
    } catch (error) {
      await tell({ name: error.name, code: error.code, message: error.message });
    }
  },
  /** Sends nested JSON that overflows the stack, while another query waits. */
  async crash() {
    const db = await open();
    const fatal = new Promise((resolve) => db.onFatal(resolve));
    const pool = db.createPool({ max: 3 });
    const client = await pool.connect();
    await client.query('begin');
    const json = '['.repeat(20_000) + ']'.repeat(20_000);
    const ends = await Promise.allSettled([
      pool.query('select 1'),
      db.dumpTemplate(),
      client.query('select $1::text::json', [json]),
      fatal,
    ]);
    client.release();
    const after = await pool.query('select 1').catch((error) => error);
    await db.vacuum().catch(() => undefined);
    await db.close();
    await tell({
      ends: ends.map(({ status }) => status),
      fatal: ends[3].value.message,
      broken: db.broken?.message,
      after: after.message,
    });
  },
};

await scenarios[scenario]();
await server.close();
process.disconnect();
