import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';

/** The PostgreSQL that tests use. */
export const databaseUrl = process.env.NAVETTE_TEST_DATABASE_URL || 'postgres://postgres@127.0.0.1:5432/test';

/** The Redis that tests use. */
export const redisUrl = process.env.NAVETTE_TEST_REDIS_URL || 'redis://127.0.0.1:6379';

const patienceMs = 2_000;

/**
 * Whether suites that need PostgreSQL are to be skipped, for `describe.skipIf`; says why.
 * @throws if it cannot be reached although `NAVETTE_TEST_REQUIRE` names `postgres`.
 */
export function skipWithoutPostgres(): Promise<boolean> {
  return skipWithout('postgres', databaseUrl, async () => {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: patienceMs });
    try {
      await client.connect();
      await client.query('select 1');
    } finally {
      await client.end().catch(() => {});
    }
  });
}

/**
 * Whether suites that need Redis are to be skipped, for `describe.skipIf`; says why.
 * @throws if it cannot be reached although `NAVETTE_TEST_REQUIRE` names `redis`.
 */
export function skipWithoutRedis(): Promise<boolean> {
  return skipWithout('redis', redisUrl, async () => {
    const client = new Redis(redisUrl, {
      lazyConnect: true,
      connectTimeout: patienceMs,
      commandTimeout: patienceMs,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.ping();
    } finally {
      client.disconnect();
    }
  });
}

/** A name for a schema, database or key prefix that nothing else uses. */
export function freshName(): string {
  return `navette_test_${process.pid}_${randomBytes(6).toString('hex')}`;
}

async function skipWithout(server: 'postgres' | 'redis', url: string, reach: () => Promise<void>): Promise<boolean> {
  try {
    await reach();
    return false;
  } catch (cause) {
    const required = (process.env.NAVETTE_TEST_REQUIRE ?? '').split(',').some((name) => name.trim() === server);
    const why = `${server} cannot be reached at ${new URL(url).host} (${cause instanceof Error ? cause.message : cause})`;
    if (required) throw new Error(`${why}, and NAVETTE_TEST_REQUIRE names it`, { cause });
    console.warn(`skipped: ${why}`);
    return true;
  }
}
