// One measurement in a process of its own, so that no side inherits another's heap or connections.
// argv[2]: JSON { side, task, servers, count, concurrency, handlerMs }
import { setTimeout as sleep } from 'node:timers/promises';

const { side, task, servers, count, concurrency, handlerMs } = JSON.parse(process.argv[2]);
const { open } = await import(`./sides/${side}.mjs`);
const opened = await open(servers);
const handler = handlerMs ? () => sleep(handlerMs) : async () => {};

const measure = {
  /** Tasks per second through a worker, with `count` waiting at its start. */
  async process() {
    await opened.submitBulk(count);
    return count / (await opened.process(count, concurrency, handler));
  },
  /** Submissions per second in this process, `concurrency` at once. */
  async submit() {
    let next = 0;
    const startedAt = performance.now();
    const loop = async () => {
      while (next < count) await opened.submit(next++);
    };
    await Promise.all(Array.from({ length: concurrency }, loop));
    return count / ((performance.now() - startedAt) / 1000);
  },
  async submitBulk() {
    const startedAt = performance.now();
    await opened.submitBulk(count);
    return count / ((performance.now() - startedAt) / 1000);
  },
};

const perSecond = await measure[task]();
process.send({ perSecond, rssMb: Math.round(process.memoryUsage().rss / 1e6) });
await opened.close();
process.disconnect();
