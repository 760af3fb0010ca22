import {
  createNavette,
  defineTask,
  type InsertOutcome,
  type NewTask,
  StoreUnavailableError,
  silentLog,
  type TaskEvent,
  type TaskRecords,
} from '@navette/domain';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type OpenedPostgres, openPostgres } from '../../src/postgres/index.ts';
import { createSystem } from '../../src/system/index.ts';
import { newId, newTask } from '../contracts/store-scene.ts';
import { eventually, patienceMs } from '../eventually.ts';
import { databaseUrl, freshName, skipWithoutPostgres } from '../servers.ts';
import { openProxy, type TcpProxy } from './tcp-proxy.ts';

describe.skipIf(await skipWithoutPostgres())('PostgreSQL away', { timeout: 4 * patienceMs }, () => {
  let admin: pg.Pool;
  let proxy: TcpProxy;
  let schema: string;
  let opened: OpenedPostgres[];

  const open = () => {
    const next = openPostgres({ connectionString: proxy.url, schema });
    opened.push(next);
    return next;
  };
  const submit = async ({ store }: OpenedPostgres): Promise<InsertOutcome | undefined> =>
    (await store.records.insert([newTask()]))[0];
  /** Submits until it is kept. */
  const submitted = (to: OpenedPostgres) =>
    eventually(async () => expect((await submit(to).catch(() => undefined))?.kind).toBe('inserted'));

  beforeAll(() => {
    admin = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  });
  afterAll(() => admin?.end());
  beforeEach(async () => {
    proxy = await openProxy(databaseUrl);
    schema = freshName();
    opened = [];
  });
  afterEach(async () => {
    proxy.restore();
    await Promise.all(opened.map((each) => each.close()));
    await proxy.close();
    await admin.query(`drop schema if exists ${schema} cascade`);
  });

  test('is waited for at the start; until then everything is refused', async () => {
    proxy.cut();
    const postgres = open();
    await expect(submit(postgres)).rejects.toThrow(StoreUnavailableError);
    await expect(postgres.store.records.get(newId())).rejects.toThrow(StoreUnavailableError);
    expect(await postgres.store.healthy()).toBe(false);
    proxy.restore();
    await postgres.ready;
    expect((await submit(postgres))?.kind).toBe('inserted');
    expect(await postgres.store.healthy()).toBe(true);
  });

  test('refuses what comes before the schema is there', async () => {
    await open().ready;
    await admin.query(`drop schema ${schema} cascade`);
    const [first] = opened as [OpenedPostgres];
    await expect(submit(first)).rejects.toThrow(StoreUnavailableError);
    expect(await first.store.healthy()).toBe(false);
  });

  test('refuses submissions and reads while it is frozen, and keeps them afterwards', async () => {
    const postgres = open();
    await postgres.ready;
    await submitted(postgres);
    proxy.freeze();
    const many = Array.from({ length: 20 }, () => submit(postgres));
    for (const { status, reason } of (await Promise.allSettled(many)) as PromiseRejectedResult[]) {
      expect([status, reason]).toEqual(['rejected', expect.any(StoreUnavailableError)]);
    }
    const bulk = Array.from({ length: 20 }, () => newTask());
    await expect(postgres.store.records.insert(bulk)).rejects.toThrow(StoreUnavailableError);
    await expect(postgres.store.records.insertAll(bulk)).rejects.toThrow(StoreUnavailableError);
    await expect(postgres.store.records.get(newId())).rejects.toThrow(StoreUnavailableError);
    await expect(postgres.store.control.retry(newId())).rejects.toThrow(StoreUnavailableError);
    expect(await postgres.store.healthy()).toBe(false);
    proxy.restore();
    await submitted(postgres);
  });

  test('does not say what was asked of it', async () => {
    const postgres = open();
    await postgres.ready;
    proxy.cut();
    const error = await submit(postgres).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect((error as Error).message).not.toMatch(/insert|select|127\.0\.0\.1|test/i);
  });

  const key = (task: NewTask, key: string): NewTask => ({ ...task, idempotency: { scope: '', key, fingerprint: '' } });

  test.each<[string, (records: TaskRecords) => Promise<InsertOutcome[]>]>([
    ['submissions', (records) => records.insert([newTask()])],
    ['many at once', (records) => records.insert([newTask(), key(newTask(), newId()), newTask()])],
    ['all or nothing', (records) => records.insertAll([newTask(), key(newTask(), newId())])],
  ])('loses and doubles nothing when connections break under %s', async (_, insert) => {
    const postgres = open();
    await postgres.ready;
    const kept: string[] = [];
    let stop = false;
    const flow = Array.from({ length: 8 }, async () => {
      while (!stop) {
        for (const outcome of await insert(postgres.store.records).catch(() => [])) {
          if (outcome.kind === 'inserted') kept.push(outcome.task.id);
        }
      }
    });
    for (let round = 1; round <= 5; round++) {
      await eventually(() => expect(kept.length).toBeGreaterThan(round * 50));
      proxy.breakAll();
    }
    await eventually(() => expect(kept.length).toBeGreaterThan(300));
    stop = true;
    await Promise.all(flow);
    const { rows } = await admin.query(`select id from ${schema}.tasks where id = any($1)`, [kept]);
    expect(rows).toHaveLength(kept.length);
    expect(new Set(kept).size).toBe(kept.length);
  });

  test('lets consumers and events go on when it is back', async () => {
    const [here, there] = [open(), open()];
    await Promise.all([here.ready, there.ready]);
    const done: string[] = [];
    const heard: TaskEvent[] = [];
    await there.events.subscribe(undefined, (event) => heard.push(event));
    const consumer = there.broker.consume({
      worker: newId(),
      queue: 'contract',
      concurrency: 5,
      types: ['contract.task'],
      claim: there.store.attempts.claim,
      mayClaim: () => true,
      handle: async (attempt) => {
        done.push(attempt.taskId);
      },
      onError: () => {},
    });
    proxy.cut();
    await expect(submit(here)).rejects.toThrow(StoreUnavailableError);
    proxy.restore();
    await submitted(here);
    await eventually(() => expect(done.length).toBeGreaterThan(0));
    const taskId = newId();
    await eventually(() => {
      here.events.publish([{ kind: 'progress', taskId }]);
      expect(heard).toContainEqual({ kind: 'progress', taskId });
    });
    await consumer.stop();
  });

  test.each(['cut', 'freeze'] as const)('fails no attempt that needs the store meanwhile: %s', async (fault) => {
    const postgres = open();
    await postgres.ready;
    const any = z.json();
    const child = defineTask({ type: 'test.child', payload: any, handler: () => 'child' });
    let restored = false;
    const parent = defineTask({
      type: 'test.parent',
      payload: any,
      retry: { maxAttempts: 1 },
      handler: async (_payload, { progress, log, submit }) => {
        proxy[fault]();
        await progress({ done: 1 });
        const [{ id }] = await Promise.all([submit(child, null), log('a line')]);
        return { id, restored };
      },
    });
    const debug = (_fields: object, message: string) => {
      if (message !== 'a handler waits for the store') return;
      restored = true;
      proxy.restore();
    };
    const log = { ...silentLog, debug };
    const navette = createNavette({ ...postgres, system: createSystem(), tasks: [parent, child], log });
    const worker = navette.work();
    await worker.ready;
    const { id } = await navette.submit(parent, null);
    await eventually(async () => expect((await navette.get(id)).state).toBe('completed'));
    const { items } = await navette.search({ type: 'test.child' });
    const result = { id: items[0]?.id, restored: true };
    expect(await navette.get(id)).toMatchObject({ result, attempts: [{ outcome: 'completed' }] });
    expect(items).toHaveLength(1);
    expect((await navette.logs(id)).items.map(({ message }) => message)).toContain('a line');
    await worker.stop();
  });

  test('is not waited for where that would not help', async () => {
    const url = new URL(databaseUrl);
    url.pathname = '/no_such_database';
    const missing = openPostgres({ connectionString: url.href, schema });
    opened.push(missing);
    await expect(missing.ready).rejects.toMatchObject({ code: '3D000' });
    for (const connectionString of ['no url', 'mysql://me@db/mine']) {
      expect(() => openPostgres({ connectionString })).toThrow('such as postgres://');
    }
  });

  test('is not used when its schema is newer', async () => {
    await open().ready;
    const future = `insert into ${schema}.migrations (name, timestamp) values ('9999-future', '2099-01-01T00:00:00Z')`;
    await admin.query(future);
    await expect(open().ready).rejects.toMatchObject({ code: 'schema_newer' });
  });

  test('may be closed while it is waited for', async () => {
    proxy.cut();
    const postgres = open();
    await postgres.close();
    await expect(postgres.ready).rejects.toThrow(StoreUnavailableError);
  });
});
