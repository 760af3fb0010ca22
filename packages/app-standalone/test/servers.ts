import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';

const databaseUrl = process.env.NAVETTE_TEST_DATABASE_URL || 'postgres://postgres@127.0.0.1:5432/test';
const redisUrl = process.env.NAVETTE_TEST_REDIS_URL || 'redis://127.0.0.1:6379';

/** Something of a server that is this test's alone. */
export interface Borrowed {
  readonly url: string;
  giveBack(): Promise<void>;
}

/** A new, empty database. */
export async function borrowDatabase(): Promise<Borrowed> {
  const name = `navette_e2e_${process.pid}_${randomBytes(4).toString('hex')}`;
  await ask(`create database ${name}`);
  const url = new URL(databaseUrl);
  url.pathname = name;
  return { url: url.href, giveBack: () => ask(`drop database ${name} with (force)`) };
}

async function ask(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end().catch(() => {});
  }
}

const mark = 'navette-e2e:borrowed';

/** An empty numbered database of the Redis server, marked so that no other run takes it. */
export async function borrowRedis(): Promise<Borrowed> {
  for (let number = 15; number > 0; number--) {
    const url = new URL(redisUrl);
    url.pathname = `/${number}`;
    const redis = new Redis(url.href, { lazyConnect: true, connectTimeout: 2_000, retryStrategy: () => null });
    redis.on('error', () => {});
    await redis.connect();
    const free = (await redis.dbsize()) === 0 && (await redis.set(mark, process.pid, 'NX')) === 'OK';
    const giveBack = async () => {
      await redis.flushdb();
      redis.disconnect();
    };
    if (free) return { url: url.href, giveBack };
    redis.disconnect();
  }
  throw new Error('every numbered database of the Redis server is in use');
}

/** Says why if the server cannot be used. @throws if `NAVETTE_TEST_REQUIRE` names it all the same. */
async function isMissing(server: 'postgres' | 'redis'): Promise<boolean> {
  try {
    await (await (server === 'redis' ? borrowRedis() : borrowDatabase())).giveBack();
    return false;
  } catch (cause) {
    const url = new URL(server === 'redis' ? redisUrl : databaseUrl);
    const why = `${server} cannot be used at ${url.host} (${cause instanceof Error ? cause.message : cause})`;
    if ((process.env.NAVETTE_TEST_REQUIRE ?? '').includes(server)) throw new Error(why, { cause });
    console.warn(`skipped: ${why}`);
    return true;
  }
}

/** Whether suites that need PostgreSQL are to be skipped. */
export const withoutPostgres = await isMissing('postgres');

/** Whether suites that need Redis are to be skipped. */
export const withoutRedis = await isMissing('redis');
