import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectPatiently } from '../../src/bullmq/redis-connection.ts';
import { freshName, redisUrl, skipWithoutRedis } from '../servers.ts';
import { patience } from './broker-scene.ts';

/** A connection, and how often it writes to its socket. */
async function connect() {
  const redis = connectPatiently({ redisUrl });
  onTestFinished(() => redis.disconnect());
  await vi.waitFor(() => expect(redis.status).toBe('ready'), patience);
  const writes = [vi.spyOn(redis.stream, '_write'), vi.spyOn(redis.stream, '_writev' as '_write')];
  return { redis, written: () => writes.reduce((sum, { mock }) => sum + mock.calls.length, 0) };
}

describe.skipIf(await skipWithoutRedis())('a connection that gathers', () => {
  it('writes once what is said in one turn, and what its promises lead to, and answers each', async () => {
    const { redis, written } = await connect();
    const key = freshName();
    const said = Array.from({ length: 500 }, async (_, i) => {
      await null;
      return i % 2 === 0 ? redis.incr(key) : redis.get(key);
    });
    const answers = await Promise.all(said);
    expect(written()).toBe(1);
    expect(answers).toEqual(
      Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? i / 2 + 1 : String(Math.floor(i / 2) + 1))),
    );
    await redis.del(key);
    expect(written()).toBe(2);
  });

  it('says it again after the connection was lost amid it', async () => {
    const { redis } = await connect();
    const key = freshName();
    const said = [redis.set(key, 'kept'), redis.get(key)];
    redis.stream.destroy();
    expect(await Promise.all(said)).toEqual(['OK', 'kept']);
    expect(await redis.getdel(key)).toBe('kept');
  });
});
