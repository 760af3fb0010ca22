// pg-boss on PostgreSQL: a job's row stays in its table, with its output.
import PgBoss from 'pg-boss';
import { createArrivals } from './arrivals.mjs';

/** One job per fetch: what `batchSize` is by default. */
export const open = (servers) => openBoss(servers, ({ concurrency }) => ({ loops: concurrency, batchSize: 1 }));

/**
 * Its own worker fetches twice a second at most. These loops fetch again as soon as they can, which is its `fetch` and
 * `complete` at their best.
 * @param shape how many loops fetch how many jobs at a time; or options for its own worker, as `polling`
 */
export async function openBoss({ databaseUrl }, shape) {
  const boss = new PgBoss({ connectionString: databaseUrl, schema: 'bench_pgboss' });
  boss.on('error', () => {});
  await boss.start();
  await boss.createQueue('bench');
  const arrivals = createArrivals();
  let n = 0;
  let closed = false;
  let loops = [];
  const submit = () => boss.send('bench', { n: n++ });
  const run = async (jobs, handler) => {
    await Promise.all(jobs.map((job) => handler(job.data)));
    const ids = jobs.map((job) => job.id);
    await boss.complete('bench', ids);
    for (const id of ids) arrivals.add(id);
  };
  const loop = async (batchSize, handler) => {
    while (!closed) {
      const jobs = await boss.fetch('bench', { batchSize });
      if (jobs.length > 0) await run(jobs, handler);
    }
  };
  return {
    submit,
    submitMany: (size) => boss.insert(Array.from({ length: size }, () => ({ name: 'bench', data: { n: n++ } }))),
    async work({ concurrency, handler }) {
      const { polling, loops: count, batchSize } = shape({ concurrency });
      if (polling) await boss.work('bench', polling, (jobs) => run(jobs, handler));
      else loops = Array.from({ length: count }, () => loop(batchSize, handler));
    },
    ended: () => arrivals.count,
    roundTrip: () => arrivals.after(submit),
    async check() {
      const left = await boss.getQueueSize('bench', { before: 'completed' });
      if (left > 0) throw new Error(`${left} jobs are left`);
    },
    async close() {
      closed = true;
      await Promise.all(loops);
      await boss.stop({ graceful: false });
    },
  };
}
