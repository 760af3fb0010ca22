import { type HandlerContext, InvalidTransitionError } from '@navette/domain';
import { describe, expect, test, vi } from 'vitest';
import { createPromise, createStage, taskOf, untilStopped } from './stage.ts';

test('a worker is refused queues that no task type has, and concurrency that is none', async () => {
  const { process } = createStage();
  const navette = process([taskOf(() => null)]);
  expect(() => navette.work({ queues: { defualt: 3 } })).toThrow(
    '#/queues/defualt is the queue of no task type; known: default',
  );
  for (const concurrency of [0, -1, 2.5, Number.NaN, 100_000, '5' as unknown as number]) {
    for (const queue of ['default', '*']) {
      expect(() => navette.work({ queues: { [queue]: concurrency } })).toThrow('an integer from 1 to 99999');
    }
  }
  await navette.work({ queues: { default: 1, '*': 99_999 } }).ready;
});

describe('a cancel of a running task', () => {
  test('is acknowledged by a handler that obeys', async () => {
    const { system, process } = createStage();
    const task = taskOf((_payload, context) => untilStopped(context));
    const navette = process([task]);
    navette.work();
    const { id } = await navette.submit(task, null);
    await system.advance(0);
    expect(await navette.cancel(id)).toMatchObject({ requested: true, task: { state: 'running' } });
    await system.advance(0);
    const attempts = [{ outcome: 'cancelled' }];
    expect(await navette.get(id)).toMatchObject({
      state: 'cancelled',
      cancellation: { outcome: 'acknowledged' },
      attempts,
    });
    expect(await navette.cancel(id)).toMatchObject({ requested: false });
  });

  test('is ignored by a handler that goes on', async () => {
    const { system, process } = createStage();
    const task = taskOf(() => createPromise<never>().promise);
    const navette = process([task]);
    const worker = navette.work({ graceMs: 500 });
    const { id } = await navette.submit(task, null);
    await system.advance(0);
    await navette.cancel(id);
    await system.advance(499);
    expect((await navette.get(id)).state).toBe('running');
    await system.advance(1);
    expect(await navette.get(id)).toMatchObject({ state: 'cancelled', cancellation: { outcome: 'ignored' } });
    expect(worker.status().abandoned).toBe(1);
  });

  test('comes too late for a handler that returns', async () => {
    const { system, process } = createStage();
    const end = createPromise<string>();
    const task = taskOf(() => end.promise);
    const navette = process([task]);
    navette.work();
    const { id } = await navette.submit(task, null);
    await system.advance(0);
    await navette.cancel(id);
    end.resolve('made it');
    await system.advance(0);
    const cancellation = { outcome: 'too_late' };
    expect(await navette.get(id)).toMatchObject({ state: 'completed', result: 'made it', cancellation });
    await expect(navette.cancel(id)).rejects.toThrow(InvalidTransitionError);
  });

  test('arrives with the next renewal when its event is lost', async () => {
    const { system, process, store } = createStage();
    const task = taskOf((_payload, context) => untilStopped(context));
    const navette = process([task]);
    navette.work();
    const { id } = await navette.submit(task, null);
    await system.advance(0);
    await store.control.cancel(id);
    await system.advance(3_000);
    expect((await navette.get(id)).state).toBe('cancelled');
  });
});

describe('a worker that stops', () => {
  test('lets what runs finish, and starts nothing more', async () => {
    const { system, process } = createStage();
    const end = createPromise<string>();
    const task = taskOf(() => end.promise);
    const navette = process([task]);
    const worker = navette.work({ queues: { default: 1 } });
    const [running, waiting] = [await navette.submit(task, 1), await navette.submit(task, 2)];
    await system.advance(0);
    const stopped = worker.stop();
    expect(worker.stop()).toBe(stopped);
    expect(worker.status().state).toBe('stopping');
    end.resolve('finished');
    await stopped;
    expect(worker.status()).toMatchObject({ state: 'stopped', running: 0, ended: 1 });
    expect(await navette.get(running.id)).toMatchObject({ state: 'completed', result: 'finished' });
    expect(await navette.get(waiting.id)).toMatchObject({ state: 'queued', attempts: [] });
    expect(await navette.workers()).toEqual([]);
  });

  test('hands back what does not finish in time, uncounted, and another goes on with it', async () => {
    const { system, process } = createStage();
    const contexts: HandlerContext[] = [];
    const task = taskOf((_payload, context) => {
      contexts.push(context);
      return contexts.length === 1 ? untilStopped(context) : 'second time';
    });
    const navette = process([task]);
    const worker = navette.work({ shutdownMs: 2_000 });
    const { id } = await navette.submit(task, null);
    await system.advance(0);
    const stopped = worker.stop();
    await system.advance(1_999);
    expect(contexts[0]?.signal.aborted).toBe(false);
    await system.advance(1);
    await stopped;
    const attempts = [{ outcome: 'interrupted' }];
    expect(await navette.get(id)).toMatchObject({ state: 'queued', spent: 0, dispatch: 2, attempts });
    navette.work();
    await system.advance(0);
    expect(await navette.get(id)).toMatchObject({ state: 'completed', result: 'second time', attempt: 2, spent: 1 });
  });

  test('hands back what ignores its signal, too', async () => {
    const { system, process } = createStage();
    const task = taskOf(() => createPromise<never>().promise, { timeoutMs: 3_600_000 });
    const navette = process([task]);
    const worker = navette.work({ shutdownMs: 2_000, graceMs: 500 });
    const { id } = await navette.submit(task, null);
    await system.advance(0);
    const stopped = worker.stop();
    await system.advance(2_500);
    await stopped;
    expect(worker.status()).toMatchObject({ state: 'stopped', abandoned: 1 });
    expect(await navette.get(id)).toMatchObject({ state: 'queued', spent: 0, attempts: [{ outcome: 'interrupted' }] });
  });

  test('hands back an attempt whose claim was lost, too', async () => {
    const { system, process, store } = createStage();
    const task = taskOf(() => 'done');
    const navette = process([task]);
    const worker = navette.work();
    await system.advance(0);
    const { id } = await process([task]).submit(task, null, { delayMs: 1 });
    await store.control.promote(id);
    await store.attempts.claim({ worker: worker.id, types: [task.type] }, id, 1);
    const stopped = worker.stop();
    await system.advance(0);
    await stopped;
    expect(await navette.get(id)).toMatchObject({ state: 'queued', spent: 0, attempts: [{ outcome: 'interrupted' }] });
  });

  test('hands back while a round of the steward still waits for the store, which then does nothing more', async () => {
    const { system, process, store } = createStage();
    const task = taskOf((_payload, context) => untilStopped(context));
    const frozen = createPromise<never[]>();
    let stuck = false;
    const promoteDue = vi.fn(store.upkeep.promoteDue);
    const expire: typeof store.upkeep.expire = async () => {
      stuck = true;
      return frozen.promise;
    };
    const navette = process([task], () => ({ upkeep: { ...store.upkeep, expire, promoteDue } }));
    const worker = navette.work({ shutdownMs: 2_000 });
    const { id } = await navette.submit(task, null);
    await system.advance(0);
    expect(stuck).toBe(true);
    const stopped = worker.stop();
    await system.advance(2_000);
    expect(await navette.get(id)).toMatchObject({ state: 'queued', attempts: [{ outcome: 'interrupted' }] });
    expect(worker.status().state).toBe('stopping');
    frozen.resolve([]);
    await stopped;
    expect(promoteDue).not.toHaveBeenCalled();
  });

  test('may be stopped before it has started', async () => {
    const { system, process } = createStage();
    const navette = process([taskOf(() => null)]);
    const worker = navette.work();
    await worker.stop();
    await worker.ready;
    await system.advance(10_000);
    expect(worker.status().state).toBe('stopped');
    expect(await navette.workers()).toEqual([]);
    await navette.close();
  });

  test('may be stopped while the store is away', async () => {
    const { system, process } = createStage();
    const away = () => Promise.reject(new Error('away'));
    const navette = process([taskOf(() => null)], (store) => ({ upkeep: { ...store.upkeep, renew: away } }));
    const worker = navette.work();
    await system.advance(5_000);
    expect(worker.status()).toMatchObject({ state: 'starting', leased: false });
    const stopped = worker.stop();
    await system.advance(0);
    await stopped;
    await worker.ready;
    expect(worker.status().state).toBe('stopped');
  });
});
