import { type Log, silentLog, type TaskEvent } from '@navette/domain';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createRedisEvents, type RedisEventsOptions } from '../../src/bullmq/index.ts';
import { freshName, redisUrl, skipWithoutRedis } from '../servers.ts';
import { patience } from './broker-scene.ts';
import { createPrivateRedis, skipWithoutRedisServer } from './private-redis.ts';

const progress = (taskId: string): TaskEvent => ({ kind: 'progress', taskId });

function openEvents(options: Partial<RedisEventsOptions> & { prefix: string }) {
  const events = createRedisEvents({ redisUrl, ...options });
  onTestFinished(() => events.close());
  return events;
}

/** Hears every message on a channel as it is. */
async function tap(prefix: string) {
  const messages: string[] = [];
  const redis = new Redis(redisUrl);
  onTestFinished(() => redis.disconnect());
  redis.on('message', (_, message) => messages.push(message));
  await redis.subscribe(`${prefix}:hints`);
  return { messages };
}

describe.skipIf(await skipWithoutRedis())('events over Redis', () => {
  it('are sent many in a message, and heard once by whoever sent them', async () => {
    const prefix = freshName();
    const events = openEvents({ prefix });
    const elsewhere = openEvents({ prefix });
    const { messages } = await tap(prefix);
    const [own, other]: [TaskEvent[], TaskEvent[]] = [[], []];
    await events.subscribe(undefined, (event) => own.push(event));
    await elsewhere.subscribe(undefined, (event) => other.push(event));
    const sent = Array.from({ length: 1_000 }, (_, i) => progress(`t${i}`));
    for (const event of sent) events.publish([event]);
    await vi.waitFor(() => expect(other).toEqual(sent), patience);
    await vi.waitFor(() => expect(messages.length).toBeGreaterThan(0), patience);
    expect(messages.length).toBeLessThanOrEqual(3);
    // What came after it on the same channel has been heard, so a second hearing of it would have been too.
    elsewhere.publish([progress('last')]);
    await vi.waitFor(() => expect(own.at(-1)).toEqual(progress('last')), patience);
    expect(own).toEqual([...sent, progress('last')]);
  });

  it('are not hurt by strange messages', async () => {
    const prefix = freshName();
    const warned: string[] = [];
    const log: Log = { ...silentLog, warn: (_, message) => warned.push(message) };
    const events = openEvents({ prefix, log });
    const heard: TaskEvent[] = [];
    await events.subscribe(undefined, (event) => heard.push(event));
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    await redis.publish(`${prefix}:hints`, 'moon');
    await redis.publish(`${prefix}:hints`, JSON.stringify({ origin: 'x', events: [{ kind: 'log', taskId: 'a' }] }));
    await vi.waitFor(() => expect(heard).toEqual([{ kind: 'log', taskId: 'a' }]), patience);
    expect(warned).toEqual(['ignored a message that is not of Navette']);
  });

  it('are sent before they are closed', async () => {
    const prefix = freshName();
    const events = openEvents({ prefix });
    const elsewhere = openEvents({ prefix });
    const heard: TaskEvent[] = [];
    await elsewhere.subscribe('b', (event) => heard.push(event));
    await events.subscribe(undefined, () => {});
    events.publish([progress('a')]);
    events.publish([progress('b')]);
    await events.close();
    await vi.waitFor(() => expect(heard).toEqual([progress('b')]), patience);
  });
});

describe.skipIf(skipWithoutRedisServer())('events while Redis is away', () => {
  it('stay in the process, keep nobody waiting, and go out again when it is back', async () => {
    const redis = await createPrivateRedis();
    const [events, elsewhere] = [0, 1].map(() => openEvents({ redisUrl: redis.url, prefix: 'p' })) as [
      ReturnType<typeof openEvents>,
      ReturnType<typeof openEvents>,
    ];
    const own: TaskEvent[] = [];
    const other = new Set<string>();
    await events.subscribe(undefined, (event) => own.push(event));
    await elsewhere.subscribe(undefined, ({ taskId }) => other.add(taskId));
    events.publish([progress('lost')]);
    await vi.waitFor(() => expect(own).toEqual([progress('lost')]), patience);

    for (const round of ['first', 'second']) {
      await redis.start();
      await vi.waitFor(() => {
        events.publish([progress(round)]);
        expect(other).toContain(round);
      }, patience);
      await redis.kill();
      await events.subscribe(round, () => {});
    }
    expect(other).not.toContain('lost');
  });

  it('keep nobody waiting when it is frozen', async () => {
    const redis = await createPrivateRedis();
    await redis.start();
    redis.freeze();
    const events = openEvents({ redisUrl: redis.url, prefix: 'p' });
    const heard: TaskEvent[] = [];
    await events.subscribe('a', (event) => heard.push(event));
    events.publish([progress('a')]);
    await vi.waitFor(() => expect(heard).toEqual([progress('a')]), patience);
    redis.thaw();
  });
});
