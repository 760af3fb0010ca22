// pg-boss on PostgreSQL, batched: the job's row stays in its table with its output.
import PgBoss from 'pg-boss';

export const does = 'inserts a job; the worker fetches batches and completes each batch. Keeps the row, no attempts.';

export async function open({ databaseUrl }) {
  const boss = new PgBoss({ connectionString: databaseUrl, schema: 'bench_pgboss' });
  boss.on('error', () => {});
  await boss.start();
  await boss.createQueue('bench');
  return {
    async submitBulk(count) {
      for (let done = 0; done < count; done += 500) {
        const size = Math.min(500, count - done);
        await boss.insert(Array.from({ length: size }, (_, i) => ({ name: 'bench', data: { n: done + i } })));
      }
    },
    async submit(n) {
      await boss.send('bench', { n });
    },
    async process(count, concurrency, handler) {
      const startedAt = performance.now();
      let left = count;
      const loop = async () => {
        while (left > 0) {
          const jobs = await boss.fetch('bench', { batchSize: concurrency });
          if (jobs.length === 0) continue;
          await Promise.all(jobs.map((job) => handler(job.data)));
          await boss.complete(
            'bench',
            jobs.map((job) => job.id),
          );
          left -= jobs.length;
        }
      };
      await loop();
      return (performance.now() - startedAt) / 1000;
    },
    close: () => boss.stop({ graceful: false }),
  };
}
