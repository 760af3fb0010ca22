// Jobs in Redis: seen to it that there are enough of them, and counted.
import { Redis } from 'ioredis';

/** As many open jobs must be there at each wipe. */
export const enoughJobs = 100;
const burstOf = 100;
/** Where BullMQ keeps one collection of the queue. */
export const keyOf = (collection) => `{navette}:default:${collection}`;
const collections = [
  ['zcard', 'prioritized'],
  ['zcard', 'delayed'],
  ['llen', 'wait'],
  ['llen', 'active'],
];

/** Runs something with a connection of its own. */
export async function withRedis({ redis: { url } }, use) {
  const redis = new Redis(url, { maxRetriesPerRequest: 3 });
  redis.on('error', () => {});
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

/** Submits until enough jobs are open. */
export async function fill({ load }, redis) {
  for (let tries = 0; tries < 20; tries++) {
    if ((await countJobs(redis)) >= enoughJobs * 1.5) return;
    const body = { type: 'chaos.work', payload: { ms: 1_000 }, priority: 'low' };
    await Promise.all(Array.from({ length: burstOf }, () => load.submit(body)));
  }
  throw new Error('there were never enough jobs in Redis');
}

/** How many jobs are open, and, in the same moment, what `then` adds to the transaction. */
export async function countJobs(redis, then = (transaction) => transaction) {
  const counting = collections.reduce((multi, [command, name]) => multi[command](keyOf(name)), redis.multi());
  const replies = await then(counting).exec();
  return replies.slice(0, collections.length).reduce((sum, [, count]) => sum + count, 0);
}
