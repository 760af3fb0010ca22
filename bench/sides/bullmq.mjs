// A bare BullMQ queue and worker on Redis: nothing is recorded anywhere else.
import { Queue, Worker } from 'bullmq';

export const does = 'adds a job; the worker runs it and removes it. Records nothing.';

export async function open({ redisUrl }) {
  const connection = { url: redisUrl };
  const queue = new Queue('bench', { connection });
  const options = { removeOnComplete: true, removeOnFail: true };
  return {
    async submitBulk(count) {
      for (let done = 0; done < count; done += 500) {
        const size = Math.min(500, count - done);
        await queue.addBulk(
          Array.from({ length: size }, (_, i) => ({ name: 't', data: { n: done + i }, opts: options })),
        );
      }
    },
    async submit(n) {
      await queue.add('t', { n }, options);
    },
    /** Works until `count` have ended. */
    async process(count, concurrency, handler) {
      let left = count;
      let end = () => {};
      const ended = new Promise((resolve) => {
        end = resolve;
      });
      const worker = new Worker('bench', handler, { connection, concurrency, autorun: false });
      worker.on('completed', () => --left === 0 && end());
      await worker.waitUntilReady();
      const startedAt = performance.now();
      worker.run();
      await ended;
      const seconds = (performance.now() - startedAt) / 1000;
      await worker.close();
      return seconds;
    },
    close: () => queue.close(),
  };
}
