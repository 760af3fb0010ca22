import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createGatheringClient } from '../../src/bullmq/gathering-client.ts';
import { connectPatiently } from '../../src/bullmq/redis-connection.ts';
import { freshName, redisUrl, skipWithoutRedis } from '../servers.ts';
import { patience } from './broker-scene.ts';
import { createPrivateRedis } from './private-redis.ts';

/** Pushes its argument to a list whose name it is given; gives the length, the list as it is, and nothing. */
const push = `
local function push(value)
  return redis.call('RPUSH', KEYS[1], value)
end
if ARGV[1] == 'refused' then return redis.error_reply('refused') end
if ARGV[1] == 'nothing' then return nil end
if ARGV[1] == 'list' then return redis.call('LRANGE', KEYS[1], 0, -1) end
return push(ARGV[1] .. (ARGV[2] or ''))`;

/** A client that knows the script, and the names of the commands that it sends. */
async function connect(url = redisUrl) {
  const redis = connectPatiently({ redisUrl: url });
  onTestFinished(() => redis.disconnect());
  await vi.waitFor(() => expect(redis.status).toBe('ready'), patience);
  const client = createGatheringClient(redis);
  client.defineCommand('push', { numberOfKeys: 1, lua: push });
  const key = freshName();
  const sendCommand = vi.spyOn(redis, 'sendCommand');
  return {
    redis,
    client,
    key,
    run: (...args: (string | number | Buffer | undefined)[]): Promise<unknown> =>
      client.runCommand('push', [key, ...args]),
    list: () => redis.lrange(key, 0, -1),
    sent: () => sendCommand.mock.calls.map(([{ name }]) => name).filter((name) => name.startsWith('eval')).length,
  };
}

describe.skipIf(await skipWithoutRedis())('a client that gathers', () => {
  it('sends the runs of one turn, and what its promises lead to, together, and answers each', async () => {
    const { run, list, sent } = await connect();
    await Promise.all([run('warm'), run('up')]);
    const before = sent();
    const values = Array.from({ length: 50 }, (_, i) => `v${i}`);
    const lengths = await Promise.all(
      values.map(async (value) => {
        await null;
        return run(value);
      }),
    );
    expect(sent() - before).toBe(1);
    expect(lengths).toEqual(values.map((_, i) => i + 3));
    expect(await list()).toEqual(['warm', 'up', ...values]);
  });

  it('sends more of them in several commands, in their order', async () => {
    const { run, list, sent } = await connect();
    await Promise.all([run('warm'), run('up')]);
    const before = sent();
    const values = Array.from({ length: 175 }, (_, i) => `v${i}`);
    await Promise.all(values.map((value) => run(value)));
    expect(sent() - before).toBe(4);
    expect((await list()).slice(2)).toEqual(values);
  });

  it('gives each run its own keys and arguments, whatever they are', async () => {
    const { client, run, key, redis } = await connect();
    const other = freshName();
    const bytes = Buffer.from([0, 255, 13, 10]);
    await Promise.all([
      run('same'),
      run('same'),
      run(12),
      run(bytes),
      run('ü', undefined),
      client.runCommand('push', [[other], 'nested']),
      run('longer', 'than the others'),
    ]);
    const expected = [
      'same',
      'same',
      '12',
      bytes.toString('latin1'),
      Buffer.from('ü').toString('latin1'),
      'longerthan the others',
    ];
    expect((await redis.lrangeBuffer(key, 0, -1)).map((value) => value.toString('latin1'))).toEqual(expected);
    expect(await redis.lrange(other, 0, -1)).toEqual(['nested']);
  });

  it('gives what a script gives, nothing and errors too, and lets no run fail another', async () => {
    const { client, run, redis, list } = await connect();
    const text = freshName();
    await redis.set(text, 'no list');
    const outcomes = await Promise.allSettled([
      run('a'),
      run('refused'),
      client.runCommand('push', [text, 'b']),
      run('nothing'),
      run('list'),
      run('c'),
    ]);
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: expect.objectContaining({ message: expect.stringContaining('refused') }) },
      { status: 'rejected', reason: expect.objectContaining({ message: expect.stringContaining('WRONGTYPE') }) },
      { status: 'fulfilled', value: null },
      { status: 'fulfilled', value: ['a'] },
      { status: 'fulfilled', value: 2 },
    ]);
    expect(await list()).toEqual(['a', 'c']);
    await redis.del(text);
  });

  it('runs each script by itself', async () => {
    const { client, run, key, list } = await connect();
    client.defineCommand('count', { numberOfKeys: 1, lua: `return redis.call('LLEN', KEYS[1])` });
    expect(await Promise.all([run('a'), client.runCommand('count', [key]), run('b'), run('c')])).toEqual([1, 1, 2, 3]);
    expect(await list()).toEqual(['a', 'b', 'c']);
  });

  it('fetches of a job no more than is asked of it, and nothing where there is none', async () => {
    const { client, key } = await connect();
    const lua = `if ARGV[1] == 'none' then return {false, false, 0, 0} end
      return {{'name', 'task', 'ats', ARGV[1], 'data', '{}'}, ARGV[2], 0, 0}`;
    client.defineCommand('moveToActive', { numberOfKeys: 1, lua });
    const fetch = (...args: string[]) => client.runCommand('moveToActive', [key, ...args]);
    expect(await Promise.all([fetch('2', 'a'), fetch('none', ''), fetch('1', 'b')])).toEqual([
      [['ats', '2'], 'a', 0, 0],
      [null, null, 0, 0],
      [['ats', '1'], 'b', 0, 0],
    ]);
  });

  it('leaves a server that has become a replica, which says so in the answer of each run', async () => {
    const server = await createPrivateRedis();
    await server.start();
    const { run, redis } = await connect(server.url);
    await server.command('replicaof', '127.0.0.1', '1');
    const left = new Promise((resolve) => void redis.once('close', () => resolve('left')));
    const outcomes = await Promise.allSettled([run('a'), run('b')]);
    const refused = { reason: { message: expect.stringContaining('READONLY') } };
    expect(outcomes).toMatchObject([refused, refused]);
    expect(await left).toBe('left');
  });

  it('says it again after the connection was lost amid it', async () => {
    const { run, redis, list } = await connect();
    const said = Promise.all([run('a'), run('b')]);
    process.nextTick(() => redis.stream.destroy());
    expect(await said).toHaveLength(2);
    expect((await list()).slice(-2)).toEqual(['a', 'b']);
  });

  it('fails all of them when the connection is given up', async () => {
    const { run, redis } = await connect();
    const said = Promise.allSettled([run('a'), run('b'), run('c', 'd')]);
    redis.disconnect();
    expect((await said).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });
});
