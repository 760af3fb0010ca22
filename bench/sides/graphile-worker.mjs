// graphile-worker on PostgreSQL, default settings: a successful job's row is deleted, nothing is recorded.
import { Logger, makeWorkerUtils, run } from 'graphile-worker';

export const does = 'inserts a job; the worker runs it and deletes its row. Records nothing.';

export async function open({ databaseUrl }) {
  const logger = new Logger(() => () => {});
  const shared = { connectionString: databaseUrl, schema: 'bench_graphile', noHandleSignals: true, logger };
  const utils = await makeWorkerUtils(shared);
  await utils.migrate();
  return {
    async submitBulk(count) {
      for (let done = 0; done < count; done += 500) {
        const size = Math.min(500, count - done);
        await utils.addJobs(Array.from({ length: size }, (_, i) => ({ identifier: 't', payload: { n: done + i } })));
      }
    },
    async submit(n) {
      await utils.addJob('t', { n });
    },
    async process(count, concurrency, handler) {
      let left = count;
      let end = () => {};
      const ended = new Promise((resolve) => {
        end = resolve;
      });
      const startedAt = performance.now();
      const runner = await run({
        ...shared,
        concurrency,
        maxPoolSize: Math.min(concurrency + 1, 20),
        pollInterval: 1_000,
        taskList: {
          t: async (payload) => {
            await handler(payload);
          },
        },
      });
      runner.events.on('job:complete', () => --left === 0 && end());
      await ended;
      const seconds = (performance.now() - startedAt) / 1000;
      await runner.stop();
      return seconds;
    },
    close: () => utils.release(),
  };
}
