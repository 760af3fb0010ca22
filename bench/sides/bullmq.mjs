// A bare BullMQ queue and worker on Redis: nothing is recorded anywhere else.
import { Queue, Worker } from 'bullmq';
import { createArrivals } from './arrivals.mjs';

export async function open({ redisUrl }) {
  const connection = { url: redisUrl };
  const queue = new Queue('bench', { connection });
  await queue.waitUntilReady();
  const arrivals = createArrivals();
  let n = 0;
  let worker;
  const submit = async () => (await queue.add('t', { n: n++ })).id;
  return {
    submit,
    submitMany: (size) => queue.addBulk(Array.from({ length: size }, () => ({ name: 't', data: { n: n++ } }))),
    async work({ concurrency, handler }) {
      worker = new Worker('bench', handler, {
        connection,
        concurrency,
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      });
      worker.on('error', () => {});
      worker.on('completed', ({ id }) => arrivals.add(id));
      await worker.waitUntilReady();
    },
    ended: () => arrivals.count,
    roundTrip: () => arrivals.after(submit),
    async check() {
      const { waiting, active } = await queue.getJobCounts('waiting', 'active');
      if (waiting + active > 0) throw new Error(`${waiting} jobs wait, ${active} are active`);
    },
    async close() {
      await worker?.close(true);
      await queue.close();
    },
  };
}
