import type { ClaimAnswer } from '@navette/domain';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { jobIdOf } from '../../src/bullmq/queue-job.ts';
import { freshName, redisUrl, skipWithoutRedis } from '../servers.ts';
import { consume, grant, handOver, latch, openConnectedBroker, patience } from './broker-scene.ts';

describe.skipIf(await skipWithoutRedis())('auditing BullMQ', () => {
  it('finds what waits, is parked, runs or has stalled, and misses the rest', async () => {
    const prefix = `{${freshName()}}`;
    const broker = await openConnectedBroker({ prefix });
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    const [running, parked, over, waiting, stalled, unknown] = Array.from({ length: 6 }, () => handOver());
    const end = latch();
    const { handled, claims } = consume(broker, {
      concurrency: 3,
      claim: async (claimant, taskId, dispatch): Promise<ClaimAnswer> =>
        taskId === parked?.taskId ? { kind: 'heldByLive', delayMs: 60_000 } : grant(claimant, taskId, dispatch),
      handle: ({ taskId }) => (taskId === running?.taskId ? end.promise : Promise.resolve()),
    });
    await broker.dispatch([running!, parked!, over!]);
    await vi.waitFor(() => expect(handled).toHaveLength(2), patience);
    await vi.waitFor(() => expect(claims).toHaveLength(3), patience);
    await broker.setPaused('media', true);
    await broker.dispatch([waiting!, stalled!]);
    // Where BullMQ puts a job that stalled.
    await redis.zrem(`${prefix}:media:prioritized`, jobIdOf(stalled!));
    await redis.rpush(`${prefix}:media:wait`, jobIdOf(stalled!));
    const all = [running!, parked!, over!, waiting!, stalled!, unknown!, { ...waiting!, dispatch: 2 }];
    await expect.poll(() => broker.audit.missing(all), patience).toEqual([over, unknown, { ...waiting, dispatch: 2 }]);
    end.open();
  });

  it('does not take a job for present that was kept after it ended', async () => {
    const broker = await openConnectedBroker();
    const one = handOver();
    // As the worker of an older version may have kept it.
    await broker.rawQueue('media').add('task', {}, { jobId: jobIdOf(one), priority: 3, removeOnComplete: false });
    const { handled } = consume(broker);
    await vi.waitFor(() => expect(handled).toHaveLength(1), patience);
    await expect.poll(() => broker.rawQueue('media').getJobCountByTypes('completed'), patience).toBe(1);
    expect(await broker.audit.missing([one])).toEqual([one]);
  });

  it('misses a job whose collection was lost although its hash is there', async () => {
    const prefix = `{${freshName()}}`;
    const broker = await openConnectedBroker({ prefix });
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    const one = handOver();
    await broker.dispatch([one]);
    await redis.del(`${prefix}:media:prioritized`);
    expect(await broker.audit.missing([one])).toEqual([one]);
  });

  it('answers for 500 of several queues at once, and for none', async () => {
    const broker = await openConnectedBroker();
    const handOvers = Array.from({ length: 500 }, (_, i) => handOver('normal', i % 2 ? 'media' : 'mail'));
    await broker.dispatch(handOvers.filter((_, i) => i % 5 !== 0));
    const missing = await broker.audit.missing(handOvers);
    expect(new Set(missing)).toEqual(new Set(handOvers.filter((_, i) => i % 5 === 0)));
    expect(await broker.audit.missing([])).toEqual([]);
  });

  it('names the same epoch to all while nothing was lost', async () => {
    const prefix = `{${freshName()}}`;
    const brokers = [await openConnectedBroker({ prefix }), await openConnectedBroker({ prefix })];
    const epochs = await Promise.all([...brokers, ...brokers].map((broker) => broker.audit.epoch()));
    expect(new Set(epochs).size).toBe(1);
    expect(epochs[0]).toMatch(/^[\w-]+\/\w{40}\/\w{40}$/);
  });

  it('names another epoch when the keys of this installation are gone', async () => {
    const prefix = `{${freshName()}}`;
    const broker = await openConnectedBroker({ prefix });
    const before = await broker.audit.epoch();
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    await redis.del(await redis.keys(`${prefix}:*`));
    expect(await broker.audit.epoch()).not.toBe(before);
  });
});
