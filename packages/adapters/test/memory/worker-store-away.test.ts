import { type HandlerContext, StoreUnavailableError, type TaskStore } from '@navette/domain';
import { describe, expect, test } from 'vitest';
import { createPromise, createStage, taskOf } from './stage.ts';

/** What handlers call, and what then becomes of their attempt, over a store that can be away. */
function createFault() {
  const fault = { away: false, losesReplies: false };
  const faulty =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      if (fault.away) throw new StoreUnavailableError('away');
      const answer = await call(...args);
      if (fault.losesReplies) throw new StoreUnavailableError('the reply was lost');
      return answer;
    };
  const through = ({ records, attempts }: TaskStore): Partial<TaskStore> => ({
    records: { ...records, insert: faulty(records.insert) },
    attempts: { ...attempts, progress: faulty(attempts.progress), log: faulty(attempts.log) },
  });
  return Object.assign(fault, { through });
}

/** A task whose handler does that once the store is away; and what it needs to run. */
function createScene(act: (context: HandlerContext) => Promise<unknown>, timeoutMs = 60_000) {
  const stage = createStage();
  const fault = createFault();
  const begin = createPromise<void>();
  const task = taskOf(
    async (_payload, context) => {
      await begin.promise;
      return act(context);
    },
    { timeoutMs, retry: { maxAttempts: 1 } },
  );
  const child = taskOf(() => 'child', { type: 'test.child' });
  const people = stage.process([task, child]);
  const navette = stage.process([task, child], fault.through);
  const worker = navette.work();
  const submitted = people.submit(task, null);
  const start = async (with_: { away?: boolean; losesReplies?: boolean }) => {
    await stage.system.advance(0);
    Object.assign(fault, with_);
    begin.resolve();
    await stage.system.advance(0);
    return (await submitted).id;
  };
  return { ...stage, fault, people, worker, child, start };
}

describe('a handler, while the store is away', () => {
  test('goes on without the progress that it reports', async () => {
    const { people, start } = createScene(async ({ progress }) => {
      await progress({ done: 1 });
      return 'done';
    });
    const id = await start({ away: true });
    expect(await people.get(id)).toMatchObject({ state: 'completed', result: 'done', progress: null });
  });

  test('waits until its line is in the log', async () => {
    const { system, people, fault, start } = createScene(({ log }) => log('a line'));
    const id = await start({ away: true });
    await system.advance(20_000);
    expect(await people.get(id)).toMatchObject({ state: 'running', attempt: 1 });
    fault.away = false;
    await system.advance(2_000);
    expect(await people.get(id)).toMatchObject({ state: 'completed', attempt: 1, spent: 1 });
    expect((await people.logs(id)).items).toMatchObject([{ message: 'a line' }]);
  });

  test.each([undefined, 'key'])(
    'submits one task, whatever replies are lost, with the key %s',
    async (idempotencyKey) => {
      const scene = createScene(({ submit }) => submit(scene.child, null, { idempotencyKey }));
      const { system, people, fault, start } = scene;
      const id = await start({ losesReplies: true });
      await system.advance(5_000);
      fault.losesReplies = false;
      await system.advance(2_000);
      const { items } = await people.search({ type: 'test.child' });
      expect(items).toHaveLength(1);
      expect(await people.get(id)).toMatchObject({ state: 'completed', result: { id: items[0]?.id }, attempt: 1 });
    },
  );

  test('is stopped in time: its signal ends the wait', async () => {
    const { system, people, worker, fault, start } = createScene(({ log }) => log('a line'));
    const id = await start({ away: true });
    await people.cancel(id);
    await system.advance(0);
    expect(await people.get(id)).toMatchObject({ state: 'cancelled', cancellation: { outcome: 'acknowledged' } });
    expect(worker.status()).toMatchObject({ running: 0, abandoned: 0 });
    fault.away = false;
    await system.advance(5_000);
    expect((await people.logs(id)).items).toEqual([]);
  });

  test('spends no attempt when its time runs out in that wait; it is tried again after a while', async () => {
    const { system, people, fault, start } = createScene(({ log }) => log('a line'), 10_000);
    const id = await start({ away: true });
    await system.advance(10_000);
    const handedBack = {
      state: 'retrying',
      spent: 0,
      error: null,
      attempts: [{ outcome: 'interrupted', error: null }],
    };
    expect(await people.get(id)).toMatchObject(handedBack);
    fault.away = false;
    await system.advance(2_000);
    const attempts = [{ outcome: 'interrupted' }, { outcome: 'completed' }];
    expect(await people.get(id)).toMatchObject({ state: 'completed', spent: 1, attempts });
  });

  test('spends no attempt with an error of the store, and is not run again at once', async () => {
    const { system, people, start } = createScene(() => Promise.reject(new StoreUnavailableError('away')));
    const id = await start({});
    await system.advance(60_000);
    const { spent, attempts } = await people.get(id);
    expect(spent).toBe(0);
    expect(attempts.length).toBeGreaterThan(3);
    expect(attempts.length).toBeLessThan(8);
  });
});
