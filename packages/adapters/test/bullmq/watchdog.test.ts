import { type Log, silentLog } from '@navette/domain';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createBullmqConsumer } from '../../src/bullmq/bullmq-consumer.ts';
import { type FetchingWorker, startFetchingWorker } from '../../src/bullmq/fetching-worker.ts';
import { createQueueSet } from '../../src/bullmq/queue-set.ts';
import { connectPatiently } from '../../src/bullmq/redis-connection.ts';
import { createManualSystem } from '../../src/memory/index.ts';
import { freshName, redisUrl, skipWithoutRedis } from '../servers.ts';
import { grant, handOver, openConnectedBroker, patience } from './broker-scene.ts';

describe.skipIf(await skipWithoutRedis())('a BullMQ worker that stops fetching without a word', () => {
  it('is replaced', async () => {
    const prefix = `{${freshName()}}`;
    const broker = await openConnectedBroker({ prefix });
    const system = createManualSystem();
    const warned: string[] = [];
    const log: Log = { ...silentLog, warn: (_, message) => warned.push(message) };
    const workers: FetchingWorker[] = [];
    const retired: FetchingWorker[] = [];
    const handled: string[] = [];
    // The first never fetches.
    const mute: FetchingWorker = {
      hold: () => {},
      resume: () => {},
      wakeAll: async () => {},
      finish: async () => {},
      retire: async () => void retired.push(mute),
    };
    const fetching = {
      queue: 'media',
      prefix,
      concurrency: 1,
      connect: () => connectPatiently({ redisUrl }),
      system,
      log,
    };
    const consumer = createBullmqConsumer({
      consumption: {
        worker: 'w',
        queue: 'media',
        concurrency: 1,
        types: ['any'],
        claim: grant,
        mayClaim: () => true,
        handle: async ({ taskId }) => void handled.push(taskId),
        onError: () => {},
      },
      system,
      log,
      waiting: async () => 1,
      startWorker: (deliver) => {
        workers.push(workers.length === 0 ? mute : startFetchingWorker({ ...fetching, onError: () => {} }, deliver));
        return workers.at(-1)!;
      },
    });
    onTestFinished(() => consumer.close(0));
    const one = handOver();
    await broker.dispatch([one]);
    await system.advance(14_000);
    expect(workers).toHaveLength(1);
    await system.advance(1_000);
    await vi.waitFor(() => expect(handled).toEqual([one.taskId]), patience);
    expect(workers).toHaveLength(2);
    expect(warned).toEqual(['jobs wait and none is fetched: replacing the BullMQ worker']);
    expect(retired).toEqual([mute]);
  });
});

describe.skipIf(await skipWithoutRedis())('what a worker of a queue would be given', () => {
  it('is what waits or is overdue, and nothing while the queue is paused or limited', async () => {
    const prefix = `{${freshName()}}`;
    const broker = await openConnectedBroker({ prefix });
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    const queues = createQueueSet(redis, prefix, silentLog);
    expect(await queues.waitingIn('media')).toBe(0);
    await broker.dispatch([handOver(), handOver('bulk')]);
    expect(await queues.waitingIn('media')).toBe(2);
    await queues.get('media').add('parked', {}, { delay: 60_000, timestamp: Date.now() });
    expect(await queues.waitingIn('media')).toBe(2);
    await queues.get('media').add('overdue', {}, { delay: 1, timestamp: Date.now() - 60_000 });
    expect(await queues.waitingIn('media')).toBe(3);
    await broker.setPaused('media', true);
    expect(await queues.waitingIn('media')).toBe(0);
    await broker.setPaused('media', false);
    expect(await queues.waitingIn('media')).toBe(3);
    await queues.get('media').setGlobalRateLimit(1, 60_000);
    expect(await queues.waitingIn('media')).toBe(0);
  });
});
