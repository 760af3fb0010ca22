import { randomBytes } from 'node:crypto';
import { createBullmqBroker } from '@navette/adapters/bullmq';
import { memoryNavette } from '@navette/adapters/memory';
import { defineTask } from '@navette/domain';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createBoard } from '../src/board.ts';

const redisUrl = process.env.NAVETTE_TEST_REDIS_URL || 'redis://127.0.0.1:6379';
const unreachable = await whyUnreachable();
const required = (process.env.NAVETTE_TEST_REQUIRE ?? '').split(',').includes('redis');
if (unreachable && !required) console.warn(`skipped: redis cannot be reached (${unreachable})`);

const echo = defineTask({ type: 'test.echo', payload: z.unknown(), handler: (payload) => payload });

/** A board with the raw queue of a broker at that address. */
async function openBoard(url: string) {
  const navette = memoryNavette({ tasks: [echo] });
  const broker = createBullmqBroker({ redisUrl: url, prefix: `{board-${randomBytes(6).toString('hex')}}` });
  onTestFinished(async () => {
    await broker.close();
    await navette.close();
  });
  const board = await createBoard(navette, [broker.rawQueue('default')]);
  const queues = async () => {
    const response = await board.request('/api/queues?page=1&jobsPerPage=10');
    return ((await response.json()) as { queues: { name: string; readOnlyMode: boolean }[] }).queues;
  };
  return { board, broker, queues };
}

describe.skipIf(unreachable && !required)('the raw queues on the board', () => {
  it('stand beside the store’s view, and cannot be changed', async () => {
    const { board, broker, queues } = await openBoard(redisUrl);
    await expect.poll(() => broker.healthy()).toBe(true);
    expect((await queues()).map(({ name, readOnlyMode }) => [name, readOnlyMode])).toEqual([
      ['default', false],
      ['redis · default', true],
    ]);
    const raw = encodeURIComponent('redis · default');
    expect((await board.request(`/api/queues/${raw}/pause`, { method: 'PUT' })).status).toBe(405);
  });
});

describe('a Redis that is away', () => {
  it('shows as an empty queue, and takes nothing else down', async () => {
    const { queues } = await openBoard('redis://127.0.0.1:1');
    expect((await queues()).map(({ name }) => name)).toEqual(['default', 'redis · default']);
  });
});

async function whyUnreachable(): Promise<string | undefined> {
  const redis = new Redis(redisUrl, { lazyConnect: true, connectTimeout: 2_000, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    await redis.connect();
    await redis.ping();
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    redis.disconnect();
  }
}
