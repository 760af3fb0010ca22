import { setTimeout as sleep } from 'node:timers/promises';
import { type ClaimAnswer, type Consumption, type Dispatch, StoreUnavailableError } from '@navette/domain';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { BullmqBroker } from '../../src/bullmq/index.ts';
import { jobIdOf } from '../../src/bullmq/queue-job.ts';
import { freshName, redisUrl, skipWithoutRedis } from '../servers.ts';
import { consume, grant, handOver, hurried, latch, openConnectedBroker, patience } from './broker-scene.ts';

const idsOf = (handOvers: readonly Dispatch[]) => handOvers.map(({ taskId }) => taskId);
const jobCounts = (broker: BullmqBroker) =>
  broker.rawQueue('media').getJobCounts('prioritized', 'waiting', 'delayed', 'active', 'completed', 'failed');
const none = { prioritized: 0, waiting: 0, delayed: 0, active: 0, completed: 0, failed: 0 };

describe.skipIf(await skipWithoutRedis())('consuming from BullMQ', () => {
  it('runs by priority, and first in, first out within a level', async () => {
    const broker = await openConnectedBroker();
    const handOvers = (['bulk', 'normal', 'critical', 'normal', 'low', 'high', 'critical'] as const).map((priority) =>
      handOver(priority),
    );
    await broker.dispatch(handOvers.slice(0, 4));
    await broker.dispatch(handOvers.slice(4));
    const { handled } = consume(broker);
    await vi.waitFor(() => expect(handled).toHaveLength(7), patience);
    expect(handled).toEqual(idsOf([2, 6, 5, 1, 3, 4, 0].map((i) => handOvers[i]!)));
  });

  it('has as many attempts under way as it may, and no more', async () => {
    const broker = await openConnectedBroker();
    const ends = new Map<string, () => void>();
    const { handled } = consume(broker, {
      concurrency: 3,
      handle: ({ taskId }) => new Promise((resolve) => void ends.set(taskId, resolve)),
    });
    await broker.dispatch(Array.from({ length: 8 }, () => handOver()));
    for (let finished = 0; finished < 8; finished++) {
      const expected = Math.min(8, finished + 3);
      await vi.waitFor(() => expect(handled).toHaveLength(expected), patience);
      await expect.poll(async () => (await jobCounts(broker)).active, patience).toBe(expected - finished);
      expect(ends.size).toBe(expected - finished);
      const [taskId, end] = [...ends][0]!;
      ends.delete(taskId);
      end();
    }
    await expect.poll(() => jobCounts(broker), patience).toEqual(none);
  });

  it('goes on at once where somebody limits how many jobs of the queue are active', async () => {
    const broker = await openConnectedBroker();
    await broker.rawQueue('media').setGlobalConcurrency(1);
    const { handled } = consume(broker, {
      concurrency: 3,
      handle: async (_, onRan) => {
        onRan?.();
        await sleep(5);
      },
    });
    // With nothing but its looks every 5 s this would take twice as long as the test waits.
    await broker.dispatch(Array.from({ length: 8 }, () => handOver()));
    await vi.waitFor(() => expect(handled).toHaveLength(8), patience);
    await expect.poll(() => jobCounts(broker), patience).toEqual(none);
  });

  it('starts the next when a handler has ended, while results are written, of which as many again may be', async () => {
    const broker = await openConnectedBroker();
    const settled: (() => void)[] = [];
    const { handled, consumer } = consume(broker, {
      concurrency: 2,
      handle: (_, onRan) => {
        onRan?.();
        return new Promise((resolve) => void settled.push(resolve));
      },
    });
    await broker.dispatch(Array.from({ length: 10 }, () => handOver()));
    for (let written = 0; written < 7; written++) {
      const expected = Math.min(10, written + 4);
      await vi.waitFor(() => expect(handled).toHaveLength(expected), patience);
      await expect.poll(async () => (await jobCounts(broker)).prioritized, patience).toBe(10 - expected);
      settled[written]?.();
    }
    await consumer.stop();
    let closed = false;
    const closing = consumer.close(20_000).then(() => {
      closed = true;
    });
    await expect.poll(() => jobCounts(broker), patience).toMatchObject({ prioritized: 0 });
    expect(closed).toBe(false);
    for (const settle of settled) settle();
    await closing;
    expect(await jobCounts(broker)).toEqual(none);
  });

  it('keeps a job locked for as long as its handler runs', async () => {
    const prefix = `{${freshName()}}`;
    const broker = await openConnectedBroker({ ...hurried, prefix });
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    const end = latch();
    const { handled } = consume(broker, { concurrency: 2, handle: () => end.promise });
    const handOvers = [handOver(), handOver()];
    await broker.dispatch(handOvers);
    await vi.waitFor(() => expect(handled).toHaveLength(2), patience);
    const locks = handOvers.map((one) => `${prefix}:media:${jobIdOf(one)}:lock`);
    for (const lock of locks) await redis.pexpire(lock, 3_000);
    for (const lock of locks) await expect.poll(() => redis.pttl(lock), patience).toBeGreaterThan(3_500);
    end.open();
    await expect.poll(() => jobCounts(broker), patience).toEqual(none);
  });

  it('fetches for all its slots at once when a burst comes', async () => {
    const broker = await openConnectedBroker();
    const end = latch();
    const { handled } = consume(broker, { concurrency: 40, handle: () => end.promise });
    await broker.dispatch([handOver()]);
    await vi.waitFor(() => expect(handled).toHaveLength(1), patience);
    await broker.dispatch(Array.from({ length: 60 }, () => handOver()));
    await vi.waitFor(() => expect(handled).toHaveLength(40), patience);
    expect(await jobCounts(broker)).toEqual({ ...none, active: 40, prioritized: 21 });
    end.open();
    await vi.waitFor(() => expect(handled).toHaveLength(61), patience);
    await expect.poll(() => jobCounts(broker), patience).toEqual(none);
  });

  it('is not worn out by a queue whose rate somebody has limited, and goes on after it', async () => {
    const broker = await openConnectedBroker();
    const { handled } = consume(broker);
    const [before, after] = [handOver(), handOver()];
    await broker.dispatch([before]);
    await vi.waitFor(() => expect(handled).toEqual([before.taskId]), patience);
    await broker.rawQueue('media').rateLimit(500);
    await broker.dispatch([after]);
    await vi.waitFor(() => expect(handled).toEqual([before.taskId, after.taskId]), patience);
  });

  it('claims many at the same time', async () => {
    const broker = await openConnectedBroker();
    const open = latch();
    const { claims, handled } = consume(broker, {
      concurrency: 100,
      claim: async (...asked) => {
        await open.promise;
        return grant(...asked);
      },
    });
    await broker.dispatch(Array.from({ length: 100 }, () => handOver()));
    await vi.waitFor(() => expect(claims).toHaveLength(100), patience);
    expect(handled).toEqual([]);
    open.open();
    await vi.waitFor(() => expect(handled).toHaveLength(100), patience);
  });

  it.each(['superseded', 'expired'] as const)('drops a job whose claim is %s', async (kind) => {
    const broker = await openConnectedBroker();
    await broker.dispatch([handOver()]);
    const { claims, handled, errors } = consume(broker, { claim: async () => ({ kind }) });
    await vi.waitFor(() => expect(claims).toHaveLength(1), patience);
    await expect.poll(() => jobCounts(broker), patience).toEqual(none);
    expect({ handled, errors }).toEqual({ handled: [], errors: [] });
  });

  it.each(['notYet', 'heldByLive'] as const)('asks again after the delay of a claim that is %s', async (kind) => {
    const broker = await openConnectedBroker();
    const one = handOver();
    await broker.dispatch([one]);
    const answers: ClaimAnswer[] = [
      { kind, delayMs: 40 },
      { kind, delayMs: 0.5 },
    ];
    const { claims, handled, errors } = consume(broker, {
      claim: async (...asked) => answers.shift() ?? grant(...asked),
    });
    await vi.waitFor(() => expect(handled).toEqual([one.taskId]), patience);
    expect(claims).toHaveLength(3);
    await expect.poll(() => jobCounts(broker), patience).toEqual(none);
    expect(errors).toEqual([]);
  });

  it('brings a parked job back to its level, behind those that wait there', async () => {
    const broker = await openConnectedBroker();
    const [parked, first, second] = [handOver(), handOver(), handOver()];
    const low = handOver('low');
    const due = latch();
    let asked = 0;
    const { handled } = consume(broker, {
      claim: async (claimant, taskId, dispatch) =>
        taskId === parked.taskId && asked++ === 0 ? { kind: 'notYet', delayMs: 1 } : grant(claimant, taskId, dispatch),
      handle: ({ taskId }) => (taskId === first.taskId ? due.promise : Promise.resolve()),
    });
    await broker.dispatch([parked, first, second, low]);
    await vi.waitFor(() => expect(handled).toEqual([first.taskId]), patience);
    // Parked and due again by now; the others were there before it came back.
    due.open();
    await vi.waitFor(() => expect(handled).toEqual(idsOf([first, second, parked, low])), patience);
  });

  it('does no harm when a running job is handed over again, as after a blocked event loop', async () => {
    const prefix = `{${freshName()}}`;
    const broker = await openConnectedBroker({ prefix });
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    const one = handOver();
    const end = latch();
    let over = false;
    const { claims, handled } = consume(broker, {
      concurrency: 2,
      claim: async (claimant, taskId, dispatch) => {
        if (claims.length === 1) return grant(claimant, taskId, dispatch);
        return over ? { kind: 'superseded' } : { kind: 'heldByLive', delayMs: 20 };
      },
      handle: async () => {
        await end.promise;
        over = true;
      },
    });
    await broker.dispatch([one]);
    await vi.waitFor(() => expect(handled).toHaveLength(1), patience);
    // What BullMQ does to a job whose lock was not renewed.
    const key = (type: string) => `${prefix}:media:${type}`;
    await redis
      .multi()
      .del(key(`${jobIdOf(one)}:lock`))
      .lrem(key('active'), 1, jobIdOf(one))
      .rpush(key('wait'), jobIdOf(one))
      .zadd(key('marker'), 0, '0')
      .exec();
    await vi.waitFor(() => expect(claims.length).toBeGreaterThan(2), patience);
    expect(await broker.audit.missing([one])).toEqual([]);
    end.open();
    await expect.poll(() => jobCounts(broker), patience).toEqual(none);
    expect(handled).toEqual([one.taskId]);
  });

  it('leaves jobs alone that it did not add', async () => {
    const broker = await openConnectedBroker();
    await broker.rawQueue('media').add('foreign', { any: 'thing' });
    const one = handOver();
    await broker.dispatch([one]);
    const { claims, handled } = consume(broker);
    await vi.waitFor(() => expect(handled).toEqual([one.taskId]), patience);
    expect(claims).toEqual([one.taskId]);
    await expect.poll(() => jobCounts(broker), patience).toEqual(none);
  });

  it('tells the job by its id when its data are gone', async () => {
    const prefix = `{${freshName()}}`;
    const broker = await openConnectedBroker({ prefix });
    const one = handOver();
    await broker.dispatch([one]);
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    await redis.del(`${prefix}:media:${jobIdOf(one)}`);
    const { handled } = consume(broker);
    await vi.waitFor(() => expect(handled).toEqual([one.taskId]), patience);
    await expect.poll(() => jobCounts(broker), patience).toEqual(none);
  });
});

describe.skipIf(await skipWithoutRedis())('consuming while the store is away', () => {
  const failing = (isAway: () => boolean): Consumption['claim'] => {
    return async (...asked) => {
      if (isAway()) throw new StoreUnavailableError('away');
      return grant(...asked);
    };
  };

  it('puts jobs back in order, fails none, stops fetching, and goes on when the store answers', async () => {
    const broker = await openConnectedBroker(hurried);
    const handOvers = Array.from({ length: 20 }, () => handOver());
    await broker.dispatch(handOvers);
    let away = true;
    const { claims, handled, errors } = consume(broker, { concurrency: 5, claim: failing(() => away) });
    await vi.waitFor(() => expect(errors.length).toBeGreaterThanOrEqual(1), patience);
    await expect.poll(() => jobCounts(broker), patience).toEqual({ ...none, prioritized: 20 });
    expect(claims.length).toBeLessThanOrEqual(5);
    away = false;
    await vi.waitFor(() => expect(handled).toHaveLength(20), patience);
    expect(new Set(handled)).toEqual(new Set(idsOf(handOvers)));
    expect(errors.every((error) => error instanceof StoreUnavailableError)).toBe(true);
    await expect.poll(() => jobCounts(broker), patience).toEqual(none);
  });

  it('keeps the place of a job that was put back', async () => {
    const broker = await openConnectedBroker(hurried);
    const handOvers = Array.from({ length: 4 }, () => handOver());
    await broker.dispatch(handOvers);
    let failures = 1;
    const { handled } = consume(broker, { claim: failing(() => failures-- > 0) });
    await vi.waitFor(() => expect(handled).toEqual(idsOf(handOvers)), patience);
  });

  it('lets another worker, whose store answers, take what it put back', async () => {
    const prefix = `{${freshName()}}`;
    const broken = await openConnectedBroker({ ...hurried, prefix });
    const sound = await openConnectedBroker({ ...hurried, prefix });
    let used: 'broken' | 'sound' | undefined;
    const one = handOver();
    const first = consume(broken, { claim: failing(() => true) });
    await broken.dispatch([one]);
    await vi.waitFor(() => expect(first.errors.length).toBeGreaterThan(0), patience);
    const second = consume(sound, {
      handle: async () => {
        used = 'sound';
      },
    });
    await vi.waitFor(() => expect(second.handled).toEqual([one.taskId]), patience);
    expect(used).toBe('sound');
  });

  it('lets others pass a job whose claim fails again and again', async () => {
    const broker = await openConnectedBroker(hurried);
    const [poison, other] = [handOver(), handOver()];
    await broker.dispatch([poison, other]);
    const { handled } = consume(broker, {
      claim: async (claimant, taskId, dispatch) => {
        if (taskId === poison?.taskId) throw new Error('breaks its claim');
        return grant(claimant, taskId, dispatch);
      },
    });
    await vi.waitFor(() => expect(handled).toEqual([other?.taskId]), patience);
    expect((await jobCounts(broker)).failed).toBe(0);
  });

  it('claims nothing while the lease is in doubt', async () => {
    const broker = await openConnectedBroker(hurried);
    let mayClaim = false;
    let refused = 0;
    const { claims, handled } = consume(broker, {
      mayClaim: () => {
        if (!mayClaim) refused++;
        return mayClaim;
      },
    });
    const one = handOver();
    await broker.dispatch([one]);
    await vi.waitFor(() => expect(refused).toBeGreaterThan(1), patience);
    expect(claims).toEqual([]);
    expect(await broker.audit.missing([one])).toEqual([]);
    mayClaim = true;
    await vi.waitFor(() => expect(handled).toEqual([one.taskId]), patience);
  });
});

describe.skipIf(await skipWithoutRedis())('a consumer that ends', () => {
  it('hands nothing over after `stop`, waits for claims under way, and puts back what comes late', async () => {
    const broker = await openConnectedBroker();
    const answer = latch();
    const observed = consume(broker, {
      claim: async (...asked) => {
        await answer.promise;
        return grant(...asked);
      },
    });
    const [claimed, late] = [handOver(), handOver()];
    await broker.dispatch([claimed]);
    await vi.waitFor(() => expect(observed.claims).toHaveLength(1), patience);
    let stopped = false;
    const stopping = observed.consumer.stop().then(() => {
      stopped = true;
    });
    await broker.dispatch([late]);
    expect(stopped).toBe(false);
    answer.open();
    await stopping;
    expect(observed.handled).toEqual([claimed.taskId]);
    await observed.consumer.stop();
    await observed.consumer.close(5_000);
    expect(observed.handled).toEqual([claimed.taskId]);
    expect(observed.claims).toEqual([claimed.taskId]);
    expect(await broker.audit.missing([late])).toEqual([]);
    const next = consume(broker);
    await vi.waitFor(() => expect(next.handled).toEqual([late.taskId]), patience);
  });

  it('waits for handlers, and completes their jobs', async () => {
    const broker = await openConnectedBroker();
    const end = latch();
    const observed = consume(broker, { handle: () => end.promise });
    await broker.dispatch([handOver()]);
    await vi.waitFor(() => expect(observed.handled).toHaveLength(1), patience);
    await observed.consumer.stop();
    const closing = observed.consumer.close(20_000);
    end.open();
    await closing;
    expect(await jobCounts(broker)).toEqual(none);
  });

  it('waits no longer than its deadline for a handler that never ends', async () => {
    const broker = await openConnectedBroker();
    const observed = consume(broker, { handle: () => new Promise(() => {}) });
    const one = handOver();
    await broker.dispatch([one]);
    await vi.waitFor(() => expect(observed.handled).toHaveLength(1), patience);
    await observed.consumer.stop();
    await observed.consumer.close(10);
    await observed.consumer.close(10);
    // Its lock is renewed no more: BullMQ hands it over again, and the claim decides.
    expect(await broker.audit.missing([one])).toEqual([]);
  });

  it('may end before it began', async () => {
    const broker = await openConnectedBroker();
    const observed = consume(broker);
    await observed.consumer.close(1_000);
    await observed.consumer.stop();
    expect(observed.errors).toEqual([]);
  });
});
