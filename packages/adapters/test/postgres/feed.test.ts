import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readPosition, writePosition } from '../../src/postgres/feed-position.ts';
import type { PostgresStore } from '../../src/postgres/index.ts';
import { newId, newTask } from '../contracts/store-scene.ts';
import { eventually } from '../eventually.ts';
import { skipWithoutPostgres } from '../servers.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

describe.skipIf(await skipWithoutPostgres())('the feed of PostgreSQL', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  /** Somebody whose transaction is open. */
  let user: pg.PoolClient;

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database?.drop());
  beforeEach(async () => {
    await database.empty();
    store = database.createStore({ quickMs: 20_000 });
    user = await database.pool.connect();
    await user.query(`set search_path to ${database.schema}; begin`);
  });
  afterEach(async () => {
    await user.query('rollback; set search_path to default');
    user.release();
    await store.close();
  });

  const record = async () => {
    const task = newTask();
    await store.records.insert([task]);
    return task.id;
  };
  /** Records a task in the open transaction, as a copy of one that is known. */
  const recordLate = async (model: string) => {
    const id = newId();
    await user.query(
      `insert into tasks select (json_populate_record(t, json_build_object('id', $2::uuid, 'submitted_at', now()))).*
       from tasks t where id = $1`,
      [model, id],
    );
    return id;
  };
  const end = (id: string) =>
    user.query(`update tasks set state = 'cancelled', finished_at = now(), version = version + 1 where id = $1`, [id]);
  const idsSince = async (after: string) => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await store.feed.changes(after, {}, 100, cursor);
      ids.push(...page.tasks.map(({ id }) => id));
      cursor = page.next;
    } while (cursor);
    return ids;
  };

  test('tells what a transaction wrote that commits late', async () => {
    const known = await record();
    const late = await recordLate(known);
    // Others commit meanwhile, with greater numbers.
    for (let n = 0; n < 3; n++) await record();
    const position = await store.feed.position();
    expect(await idsSince(position)).not.toContain(late);
    await user.query('commit');
    expect(await idsSince(position)).toContain(late);
    // Once nothing older is under way, in whichever database of this server.
    await eventually(async () => expect(await idsSince(await store.feed.position())).toEqual([]));
  });

  test('tells what its subtransactions wrote', async () => {
    const known = await record();
    await user.query('savepoint one');
    const late = [await recordLate(known)];
    await user.query('release one; savepoint two');
    late.push(await recordLate(known));
    // Numbers of others lie between, so that the ones of the savepoints are among those the snapshot knows.
    await record();
    const position = await store.feed.position();
    await user.query('commit');
    expect(await idsSince(position)).toEqual(expect.arrayContaining(late));
  });

  test('tells the end of a task whose writer took its time', async () => {
    const [ended, other] = [await record(), await record()];
    await end(ended);
    await store.control.cancel(other);
    const position = await store.feed.position();
    await user.query('commit');
    expect(await idsSince(position)).toContain(ended);
  });

  test('goes by a sequence that gives out no number late', async () => {
    const { rows } = await user.query('select seqcache from pg_sequence where seqrelid = $1::regclass', ['ready_seq']);
    expect(rows).toEqual([{ seqcache: '1' }]);
  });

  test('goes as far back as the oldest session at work', async () => {
    const { rows } = await user.query<{ ms: string }>('select extract(epoch from now()) * 1000 as ms');
    await end(await record());
    const { sinceMs } = readPosition(await store.feed.position());
    // By a second more, for one that has begun and cannot be seen yet; to the millisecond.
    expect(sinceMs).toBeLessThanOrEqual(Number(rows[0]?.ms) - 999);
  });

  test('tells everything again where a position is not of this life of the database', async () => {
    const id = await record();
    const position = readPosition(await store.feed.position());
    const ahead = { ...position, xid: position.xid + 100_000_000 };
    expect(await idsSince(writePosition(ahead))).toContain(id);
  });
});
