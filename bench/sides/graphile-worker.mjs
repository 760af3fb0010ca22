// graphile-worker on PostgreSQL: a successful job's row is deleted, nothing is recorded.
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { createArrivals } from './arrivals.mjs';

const schema = 'bench_graphile';

/** With its default settings. */
export const open = (servers) => openGraphile(servers, {});

/** @param tuning further settings of the worker */
export async function openGraphile({ databaseUrl }, tuning) {
  const shared = { connectionString: databaseUrl, logger: new Logger(() => () => {}) };
  const utils = await makeWorkerUtils({ ...shared, schema });
  await utils.migrate();
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const arrivals = createArrivals();
  let n = 0;
  let runner;
  const submit = async () => (await utils.addJob('t', { n: n++ })).id;
  const open = async () => (await pool.query(`select count(*)::int as open from ${schema}._private_jobs`)).rows[0].open;
  return {
    submit,
    submitMany: (size) => utils.addJobs(Array.from({ length: size }, () => ({ identifier: 't', payload: { n: n++ } }))),
    async work({ concurrency, handler }) {
      runner = await run({
        noHandleSignals: true,
        logger: shared.logger,
        taskList: { t: handler },
        preset: {
          worker: {
            connectionString: databaseUrl,
            schema,
            concurrentJobs: concurrency,
            maxPoolSize: Math.min(concurrency + 1, 25),
            ...tuning,
          },
        },
      });
      runner.events.on('job:complete', ({ job }) => arrivals.add(job.id));
    },
    // It tells of a job before the row is deleted.
    ended: () => arrivals.count,
    async settled() {
      while ((await open()) > 0);
    },
    roundTrip: () => arrivals.after(submit),
    async check() {
      const left = await open();
      if (left > 0) throw new Error(`${left} jobs are left`);
    },
    async tidy() {
      await pool.query(`vacuum (analyze) ${schema}._private_jobs`);
    },
    async close() {
      await runner?.stop();
      await utils.release();
      await pool.end();
    },
  };
}
