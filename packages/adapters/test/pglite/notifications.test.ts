import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EmbeddedPostgres } from '../../src/pglite/index.ts';
import { openEmbedded } from './embedded.ts';

let db: EmbeddedPostgres;
let one: pg.Pool;
let two: pg.Pool;

beforeAll(async () => {
  db = await openEmbedded();
  one = db.createPool();
  two = db.createPool({ searchPath: 'pg_catalog' });
});
afterAll(() => db.close());

async function listener(pool: pg.Pool, sql: string) {
  const client = await pool.connect();
  const heard: string[] = [];
  client.on('notification', ({ channel, payload }) => heard.push(`${channel}:${payload}`));
  await client.query(sql);
  return { client, heard };
}

test('reach the clients that listen to the channel, in every pool, and nobody else', async () => {
  const jobs = await listener(one, '-- wake up\nlisten jobs');
  const quoted = await listener(two, 'LISTEN "Odd ""name"');
  const both = await listener(two, 'listen jobs; listen others');
  const deaf = await listener(one, "select 'listen jobs'");

  await one.query("notify jobs, 'a'");
  await two.query("select pg_notify('others', 'b')");
  await two.query(`notify "Odd ""name", 'c'`);
  await both.client.query("notify jobs, 'own'");
  await one.query("notify silence, 'd'");

  expect(jobs.heard).toEqual(['jobs:a', 'jobs:own']);
  expect(quoted.heard).toEqual(['Odd "name:c']);
  expect(both.heard).toEqual(['jobs:a', 'others:b', 'jobs:own']);
  expect(deaf.heard).toEqual([]);
  for (const { client } of [jobs, quoted, both, deaf]) client.release(true);
});

test('come when their transaction commits, not when it rolls back', async () => {
  const { client, heard } = await listener(one, 'listen jobs');
  const sender = await two.connect();
  await sender.query('begin');
  await sender.query("notify jobs, 'lost'");
  await sender.query('rollback');
  await sender.query('begin');
  await sender.query("notify jobs, 'kept'");
  expect(heard).toEqual([]);
  await sender.query('commit');
  sender.release();
  expect(heard).toEqual(['jobs:kept']);
  client.release(true);
});

test('UNLISTEN of one client leaves the others listening', async () => {
  const stays = await listener(one, 'listen jobs');
  const goes = await listener(two, 'listen jobs');
  const all = await listener(two, 'listen jobs');
  await goes.client.query('unlisten jobs');
  await all.client.query('unlisten *');
  await one.query("notify jobs, 'a'");
  expect([stays.heard, goes.heard, all.heard]).toEqual([['jobs:a'], [], []]);
  for (const { client } of [stays, goes, all]) client.release(true);
});

test('the session stops listening when the last listener has gone', async () => {
  const first = await listener(one, 'listen gone');
  const second = await listener(one, 'listen gone');
  const channels = async () => (await one.query('select * from pg_listening_channels() c where c = $1', ['gone'])).rows;
  first.client.release(true);
  expect(await channels()).toHaveLength(1);
  second.client.release(true);
  expect(await channels()).toHaveLength(0);
});

test('a prepared LISTEN, whose text is not seen again, still hears', async () => {
  const client = await one.connect();
  const heard: string[] = [];
  client.on('notification', ({ payload }) => heard.push(payload ?? ''));
  await client.query({ name: 'listen', text: 'listen prepared' });
  await client.query('unlisten *');
  await client.query({ name: 'listen', text: 'listen prepared' });
  await two.query("notify prepared, 'a'");
  expect(heard).toEqual(['a']);
  client.release(true);
});
