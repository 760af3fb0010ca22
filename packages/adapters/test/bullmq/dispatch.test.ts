import { priorities } from '@navette/domain';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { jobIdOf } from '../../src/bullmq/queue-job.ts';
import { freshName, redisUrl, skipWithoutRedis } from '../servers.ts';
import { consume, handOver, openBroker, openConnectedBroker, patience } from './broker-scene.ts';

describe.skipIf(await skipWithoutRedis())('handing over to BullMQ', () => {
  it('adds a job that is named by task and dispatch, tried once, at a priority of its own', async () => {
    const broker = await openConnectedBroker();
    const handOvers = priorities.map((priority) => handOver(priority));
    await broker.dispatch(handOvers);
    for (const [rank, one] of handOvers.entries()) {
      const job = await broker.rawQueue('media').getJob(jobIdOf(one));
      expect(job).toMatchObject({ name: 'task', data: { taskId: one.taskId, dispatch: 1 } });
      expect(job?.opts).toMatchObject({ attempts: 1, priority: rank + 1 });
    }
  });

  it('adds a job that Redis holds in one piece, which takes half the memory', async () => {
    const prefix = `{${freshName()}}`;
    const broker = await openConnectedBroker({ prefix });
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    const one = { ...handOver(), dispatch: 100 };
    await broker.dispatch([one]);
    // Named after the list of entries that it is: Redis 6 calls it otherwise.
    expect(await redis.object('ENCODING', `${prefix}:media:${jobIdOf(one)}`)).toMatch(/^(listpack|ziplist)$/);
  });

  it('adds nothing when the same dispatch is handed over again, and a job when its next one is', async () => {
    const broker = await openConnectedBroker();
    const first = handOver();
    await broker.dispatch([first]);
    await broker.dispatch([first, { ...first, priority: 'critical' }]);
    expect(await broker.rawQueue('media').getJobCounts('prioritized')).toEqual({ prioritized: 1 });
    await broker.dispatch([{ ...first, dispatch: 2 }]);
    expect(await broker.rawQueue('media').getJobCounts('prioritized')).toEqual({ prioritized: 2 });
  });

  it('takes many callers, queues and tasks at once', async () => {
    const broker = await openConnectedBroker();
    const queues = ['media', 'mail', 'a.b-c_d'];
    const handOvers = Array.from({ length: 600 }, (_, i) => handOver('low', queues[i % 3]));
    await Promise.all([
      ...handOvers.slice(0, 200).map((one) => broker.dispatch([one])),
      broker.dispatch(handOvers.slice(200)),
    ]);
    for (const queue of queues) {
      expect(await broker.rawQueue(queue).getJobCounts('prioritized')).toEqual({ prioritized: 200 });
    }
    expect(await broker.audit.missing(handOvers)).toEqual([]);
  });

  it('says so when only a part was added, and the part does no harm to the next try', async () => {
    const prefix = `{${freshName()}}`;
    const broker = await openConnectedBroker({ prefix });
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    const handOvers = [handOver(), handOver(), handOver()];
    const inTheWay = `${prefix}:media:${jobIdOf(handOvers[1]!)}`;
    await redis.set(inTheWay, 'not a hash');
    await expect(broker.dispatch(handOvers)).rejects.toMatchObject({ code: 'broker_unavailable' });
    expect(await broker.audit.missing(handOvers)).toEqual([handOvers[1]]);
    await redis.del(inTheWay);
    await broker.dispatch(handOvers);
    expect(await broker.rawQueue('media').getJobCounts('prioritized')).toEqual({ prioritized: 3 });
  });

  it('keeps no job once it is over', async () => {
    const broker = await openConnectedBroker();
    const one = handOver();
    await broker.dispatch([one]);
    const { handled } = consume(broker);
    await vi.waitFor(() => expect(handled).toEqual([one.taskId]), patience);
    await expect.poll(() => broker.rawQueue('media').getJob(jobIdOf(one)), patience).toBeUndefined();
    expect(await broker.rawQueue('media').getJobCounts('completed', 'failed')).toEqual({ completed: 0, failed: 0 });
  });

  it('refuses hand-overs once it is closed, after sending those that were under way', async () => {
    const prefix = `{${freshName()}}`;
    const broker = await openConnectedBroker({ prefix });
    const handOvers = [handOver(), handOver()];
    const sent = handOvers.map((one) => broker.dispatch([one]));
    await broker.close();
    await Promise.all(sent);
    await expect(broker.dispatch([handOver()])).rejects.toMatchObject({ code: 'broker_unavailable' });
    const other = await openConnectedBroker({ prefix });
    expect(await other.audit.missing(handOvers)).toEqual([]);
  });

  it('is used with many queues without a warning about listeners', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const broker = await openBroker();
    for (let i = 0; i < 30; i++) broker.rawQueue(`queue-${i}`);
    await vi.waitFor(
      () => broker.dispatch(Array.from({ length: 30 }, (_, i) => handOver('low', `queue-${i}`))),
      patience,
    );
    expect(warnings).toEqual([]);
  });
});

describe.skipIf(await skipWithoutRedis())('pausing a queue in BullMQ', () => {
  it('keeps jobs where they are, and resuming sets them going at once', async () => {
    const broker = await openConnectedBroker();
    await broker.setPaused('media', true);
    const { handled, claims } = consume(broker);
    const one = handOver();
    await broker.dispatch([one]);
    await broker.rawQueue('media').waitUntilReady();
    expect(await broker.rawQueue('media').isPaused()).toBe(true);
    expect(await broker.audit.missing([one])).toEqual([]);
    expect(claims).toEqual([]);
    await broker.setPaused('media', false);
    await vi.waitFor(() => expect(handled).toEqual([one.taskId]), patience);
  });

  it('may be repeated, and writes nothing then', async () => {
    const prefix = `{${freshName()}}`;
    const broker = await openConnectedBroker({ prefix });
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    for (const paused of [false, true, true, false, false]) await broker.setPaused('media', paused);
    expect(await broker.rawQueue('media').isPaused()).toBe(false);
    expect(await redis.xlen(`${prefix}:media:events`)).toBe(2);
  });
});
