import { BrokerUnavailableError, createNavette, defineTask, type Log } from '@navette/domain';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { jobIdOf } from '../../src/bullmq/queue-job.ts';
import { createMemoryEvents, createMemoryStore } from '../../src/memory/index.ts';
import { createSystem } from '../../src/system/index.ts';
import { connected, consume, handOver, latch, openBroker, patience } from './broker-scene.ts';
import { createPrivateRedis, skipWithoutRedisServer } from './private-redis.ts';

/** Opens a broker on a Redis of its own that runs. */
async function openOnPrivateRedis({ log }: { log?: Log } = {}) {
  const redis = await createPrivateRedis();
  await redis.start();
  const broker = await openBroker({ redisUrl: redis.url, log });
  await connected(broker);
  return { redis, broker };
}

const refusal = { code: 'broker_unavailable' };

describe.skipIf(skipWithoutRedisServer())('a Redis that is away', () => {
  it('may be away when the broker is made: everything is refused at once, and works when it comes', async () => {
    const redis = await createPrivateRedis();
    const broker = await openBroker({ redisUrl: redis.url });
    const refused = handOver();
    const raw = broker.rawQueue('media');
    const { handled } = consume(broker);
    await expect(broker.dispatch([refused])).rejects.toMatchObject(refusal);
    await expect(broker.setPaused('media', true)).rejects.toMatchObject(refusal);
    await expect(broker.audit.missing([refused])).rejects.toMatchObject(refusal);
    await expect(broker.audit.epoch()).rejects.toMatchObject(refusal);
    await expect(raw.getJobCounts()).rejects.toThrow();
    expect(await broker.healthy()).toBe(false);

    await redis.start();
    await connected(broker);
    // Nothing that was refused is done later.
    expect(await broker.audit.missing([refused])).toEqual([refused]);
    const accepted = handOver();
    await broker.dispatch([accepted]);
    await vi.waitFor(() => expect(handled).toEqual([accepted.taskId]), patience);
    expect(await raw.isPaused()).toBe(false);
    expect(await raw.getJobCounts('failed')).toEqual({ failed: 0 });
  });

  it('may be loading: tasks are accepted meanwhile, and handed over when it has loaded', async () => {
    const redis = await createPrivateRedis();
    await redis.startLoading();
    const broker = await openBroker({ redisUrl: redis.url });
    const echo = defineTask({ type: 'test.echo', payload: z.unknown(), handler: (payload) => payload });
    const system = createSystem();
    const store = createMemoryStore({ system });
    const navette = createNavette({ store, broker, events: createMemoryEvents(), system, tasks: [echo] });
    onTestFinished(() => navette.close());
    await expect(broker.dispatch([handOver()])).rejects.toMatchObject(refusal);
    const { id } = await navette.submit(echo, 'meanwhile');
    expect(await broker.healthy()).toBe(false);
    expect(await redis.isLoading()).toBe(true);
    const worker = navette.work();
    await worker.ready;
    const { state, result } = await navette.wait(id, { timeoutMs: 20_000 });
    expect({ state, result }).toEqual({ state: 'completed', result: 'meanwhile' });
    expect(await redis.isLoading()).toBe(false);
  });

  it('is connected to whatever options for connections say', async () => {
    const redis = await createPrivateRedis();
    await redis.start();
    await connected(await openBroker({ redisUrl: redis.url, redisOptions: { lazyConnect: true } }));
  });

  it('may be full: new tasks are refused, and those that it holds are worked off', async () => {
    const { redis, broker } = await openOnPrivateRedis();
    const held = Array.from({ length: 120 }, () => handOver());
    await broker.dispatch(held);
    await redis.command('config', 'set', 'maxmemory', '1');
    await expect(broker.dispatch([handOver()])).rejects.toMatchObject(refusal);
    const { handled } = consume(broker, { concurrency: 10 });
    await vi.waitFor(() => expect(handled).toHaveLength(held.length), patience);
    const raw = broker.rawQueue('media');
    await vi.waitFor(async () => expect(await raw.getJobCounts('active')).toEqual({ active: 0 }), patience);
    expect(new Set(handled)).toEqual(new Set(held.map(({ taskId }) => taskId)));
  });

  it('may be killed and come back empty: the audit tells, and the worker goes on by itself', async () => {
    const { redis, broker } = await openOnPrivateRedis();
    const before = await broker.audit.epoch();
    const end = latch();
    const { handled, errors } = consume(broker, {
      concurrency: 2,
      handle: ({ taskId }) => (taskId === running.taskId ? end.promise : Promise.resolve()),
    });
    const running = handOver();
    await broker.dispatch([running]);
    await vi.waitFor(() => expect(handled).toHaveLength(1), patience);
    await broker.setPaused('mail', true);
    const lost = handOver('normal', 'mail');
    await broker.dispatch([lost]);

    await redis.kill();
    await expect(broker.dispatch([handOver()])).rejects.toMatchObject(refusal);
    await vi.waitFor(() => expect(errors[0]).toBeInstanceOf(BrokerUnavailableError), patience);
    await redis.start();
    await connected(broker);
    expect(await broker.audit.epoch()).not.toBe(before);
    expect(await broker.audit.missing([running, lost])).toEqual([running, lost]);
    // The flag went with the rest: it can be set again.
    expect(await broker.rawQueue('mail').isPaused()).toBe(false);
    await broker.setPaused('mail', true);
    expect(await broker.rawQueue('mail').isPaused()).toBe(true);

    const next = handOver();
    await broker.dispatch([next]);
    await vi.waitFor(() => expect(handled).toEqual([running.taskId, next.taskId]), patience);
    end.open();
    await expect
      .poll(() => broker.rawQueue('media').getJobCounts('active', 'failed'), patience)
      .toEqual({
        active: 0,
        failed: 0,
      });
  });

  it('may be flushed under running attempts: the epoch changes and the worker goes on', async () => {
    const { redis, broker } = await openOnPrivateRedis();
    const before = await broker.audit.epoch();
    const end = latch();
    const { handled } = consume(broker, { concurrency: 2, handle: () => end.promise });
    const running = handOver();
    await broker.dispatch([running]);
    await vi.waitFor(() => expect(handled).toHaveLength(1), patience);
    await redis.command('FLUSHALL');
    expect(await broker.audit.epoch()).not.toBe(before);
    expect(await broker.audit.missing([running])).toEqual([running]);
    end.open();
    const next = handOver();
    await broker.dispatch([next]);
    await vi.waitFor(() => expect(handled).toEqual([running.taskId, next.taskId]), patience);
    await expect
      .poll(() => broker.rawQueue('media').getJobCounts('active', 'failed'), patience)
      .toEqual({
        active: 0,
        failed: 0,
      });
  });

  it('may freeze: calls are refused at their deadline, later ones at once, and what was sent does no harm', async () => {
    const { redis, broker } = await openOnPrivateRedis();
    const { handled } = consume(broker);
    await broker.setPaused('media', true);
    redis.freeze();
    const handOvers = Array.from({ length: 5 }, () => handOver());
    const answers = await Promise.allSettled([
      ...handOvers.map((one) => broker.dispatch([one])),
      broker.audit.missing(handOvers),
      broker.audit.epoch(),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: refusal });
    expect(await broker.healthy()).toBe(false);
    await vi.waitFor(() => expect(broker.dispatch([handOver()])).rejects.toThrow('not connected'), patience);

    redis.thaw();
    await connected(broker);
    // Some of them may have been stored by now: the same job ids make that harmless.
    await broker.dispatch(handOvers);
    expect(await broker.audit.missing(handOvers)).toEqual([]);
    expect(await broker.rawQueue('media').getJobCounts('prioritized')).toEqual({ prioritized: 5 });
    await broker.setPaused('media', false);
    await vi.waitFor(() => expect(handled).toHaveLength(5), patience);
    expect(new Set(handled)).toEqual(new Set(handOvers.map(({ taskId }) => taskId)));
  });

  it('may freeze and die: what was refused is not sent to its successor', async () => {
    const { redis, broker } = await openOnPrivateRedis();
    redis.freeze();
    const refused = handOver();
    await expect(broker.dispatch([refused])).rejects.toMatchObject(refusal);
    await redis.kill();
    await redis.start();
    await connected(broker);
    expect(await broker.audit.missing([refused])).toEqual([refused]);
  });

  it('does not keep a consumer or the broker from ending', async () => {
    const { redis, broker } = await openOnPrivateRedis();
    const end = latch();
    const { handled, consumer } = consume(broker, { concurrency: 2, handle: () => end.promise });
    await broker.dispatch([handOver()]);
    await vi.waitFor(() => expect(handled).toHaveLength(1), patience);
    await redis.kill();
    end.open();
    await consumer.stop();
    await consumer.close(100);
    await broker.close();
  });

  it('is logged once when it goes and once when it comes back', async () => {
    const lines: string[] = [];
    const note = (level: string) => (fields: object, message: string) => {
      if ('use' in fields && fields.use === 'broker') lines.push(`${level}: ${message}`);
    };
    const log: Log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
    const { redis, broker } = await openOnPrivateRedis({ log });
    await redis.kill();
    await vi.waitFor(() => expect(lines).toHaveLength(1), patience);
    await redis.start();
    await connected(broker);
    expect(lines).toEqual(['warn: lost Redis, reconnecting', 'info: Redis is back']);
  });
});

describe.skipIf(skipWithoutRedisServer())('a worker that dies', () => {
  it('holds on to what it had fetched for 5 s at most', async () => {
    const { redis, broker } = await openOnPrivateRedis();
    const one = handOver();
    await broker.dispatch([one]);
    const { handled } = consume(broker, { handle: () => latch().promise });
    await vi.waitFor(() => expect(handled).toEqual([one.taskId]), patience);
    const lock = broker.rawQueue('media').toKey(`${jobIdOf(one)}:lock`);
    expect(await redis.command('PTTL', lock)).toSatisfy((ms: number) => ms > 0 && ms <= 5_000);
  });

  it('leaves its jobs to the others, however often, and none is ever failed', async () => {
    const { redis, broker } = await openOnPrivateRedis();
    const one = handOver();
    await broker.dispatch([one]);
    const queue = broker.rawQueue('media');
    const key = (type: string) => queue.toKey(type);
    // As a worker left it that fetched it for the hundredth time and died: active, without a lock, seen by the checker.
    await redis.command('ZREM', key('prioritized'), jobIdOf(one));
    await redis.command('LPUSH', key('active'), jobIdOf(one));
    await redis.command('HSET', key(jobIdOf(one)), 'stc', '100');
    await redis.command('SADD', key('stalled'), jobIdOf(one));
    expect(await broker.audit.missing([one])).toEqual([]);
    const { handled } = consume(broker);
    await vi.waitFor(() => expect(handled).toEqual([one.taskId]), patience);
    await expect.poll(() => queue.getJobCounts('active', 'failed'), patience).toEqual({ active: 0, failed: 0 });
  });
});
