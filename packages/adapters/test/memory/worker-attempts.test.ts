import { defineTask, PermanentError, RetryAfterError } from '@navette/domain';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createPromise, createStage, taskOf } from './stage.ts';

describe('attempts of a worker', () => {
  test('are repeated with backoff until one succeeds', async () => {
    const { system, process } = createStage();
    const flaky = taskOf(
      (_payload, { attempt }) => {
        if (attempt < 3) throw new Error(`attempt ${attempt} fails`);
        return { attempt };
      },
      { retry: { backoff: { kind: 'exponential' } } },
    );
    const navette = process([flaky]);
    navette.work();
    const { id } = await navette.submit(flaky, null);
    await system.advance(0);
    expect(await navette.get(id)).toMatchObject({ state: 'retrying', spent: 1, error: { message: 'attempt 1 fails' } });
    await system.advance(999);
    expect((await navette.get(id)).attempts).toHaveLength(1);
    await system.advance(1);
    expect((await navette.get(id)).attempts).toHaveLength(2);
    await system.advance(1_999);
    expect((await navette.get(id)).state).toBe('retrying');
    await system.advance(1);
    const task = await navette.get(id);
    expect(task).toMatchObject({ state: 'completed', result: { attempt: 3 }, error: null, spent: 3 });
    expect(task.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'completed']);
  });

  test('are spent when all of them fail', async () => {
    const { system, process } = createStage();
    const hopeless = taskOf(() => Promise.reject(new Error('no')), { retry: { maxAttempts: 2 } });
    const navette = process([hopeless]);
    navette.work();
    const { id } = await navette.submit(hopeless, null);
    await system.advance(1_000);
    expect(await navette.get(id)).toMatchObject({ state: 'failed', spent: 2, error: { code: 'handler_error' } });
    await navette.retry(id);
    await system.advance(0);
    expect(await navette.get(id)).toMatchObject({ state: 'retrying', spent: 1, attempt: 3 });
  });

  test('are not repeated after a permanent error', async () => {
    const { system, process } = createStage();
    const task = taskOf(() => {
      throw new PermanentError('gone for good', { code: 'gone' });
    });
    const navette = process([task]);
    navette.work();
    const { id } = await navette.submit(task, null);
    await system.advance(60_000);
    expect(await navette.get(id)).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'gone' } });
  });

  test('are repeated when the handler asks for it', async () => {
    const { system, process } = createStage();
    const task = taskOf((_payload, { attempt }) => {
      if (attempt === 1) throw new RetryAfterError(30_000, 'busy');
      if (attempt === 2) throw new RetryAfterError(new Date(system.now().getTime() + 40_000));
      return 'done';
    });
    const navette = process([task]);
    navette.work();
    const { id } = await navette.submit(task, null);
    await system.advance(29_999);
    expect(await navette.get(id)).toMatchObject({ state: 'retrying', attempt: 1, error: { message: 'busy' } });
    await system.advance(1);
    expect(await navette.get(id)).toMatchObject({ state: 'retrying', attempt: 2 });
    await system.advance(40_000);
    expect(await navette.get(id)).toMatchObject({ state: 'completed', attempt: 3 });
  });

  test('time out: a handler that ignores its signal is abandoned, its slot freed, its late result dropped', async () => {
    const { system, process } = createStage();
    const late = createPromise<string>();
    const signals: { aborted: boolean }[] = [];
    const stuck = taskOf(
      (_payload, { signal }) => {
        signals.push(signal);
        return late.promise;
      },
      { type: 'stuck', timeoutMs: 1_000, retry: { maxAttempts: 1 } },
    );
    const quick = taskOf(() => 'quick', { type: 'quick' });
    const navette = process([stuck, quick]);
    const worker = navette.work({ queues: { default: 1 }, graceMs: 500 });
    const { id } = await navette.submit(stuck, null);
    const next = await navette.submit(quick, null);
    await system.advance(1_000);
    expect(signals).toMatchObject([{ aborted: true }]);
    expect(worker.status()).toMatchObject({ running: 1, abandoned: 0 });
    expect((await navette.get(next.id)).state).toBe('queued');
    await system.advance(500);
    expect(worker.status()).toMatchObject({ running: 0, abandoned: 1 });
    const error = { code: 'timed_out', message: expect.stringContaining('1000 ms') };
    expect(await navette.get(id)).toMatchObject({
      state: 'failed',
      error,
      attempts: [{ outcome: 'timed_out', error }],
    });
    expect((await navette.get(next.id)).state).toBe('completed');
    late.resolve('late');
    await system.advance(60_000);
    expect(await navette.get(id)).toMatchObject({ state: 'failed', result: null });
    await worker.stop();
  });

  test('get what the schema makes of the payload, which is kept as it was sent', async () => {
    const { system, process } = createStage();
    const payload = z.object({ name: z.string().default('nobody') });
    const task = defineTask({ type: 'greet', payload, handler: ({ name }) => `hello ${name}` });
    const navette = process([task]);
    navette.work();
    const { id } = await navette.submit(task, {});
    await system.advance(0);
    expect(await navette.get(id)).toMatchObject({ payload: {}, result: 'hello nobody' });
  });

  test('fail for good when the payload no longer fits, or the result does not', async () => {
    const { system, process } = createStage();
    const before = process([taskOf(() => null)]);
    const handler = () => 'no number' as unknown as number;
    const payload = z.object({ since: z.iso.date() });
    const after = process([
      defineTask({ type: 'test.task', payload, handler: () => null }),
      defineTask({ type: 'counted', payload: z.null(), result: z.number(), handler }),
    ]);
    const ids = [
      (await before.submitRequest({ type: 'test.task', payload: 'before the deploy' })).task.id,
      (await after.submitRequest({ type: 'counted', payload: null })).task.id,
    ];
    after.work();
    await system.advance(0);
    const tasks = await Promise.all(ids.map((id) => after.get(id)));
    expect(tasks).toMatchObject([
      { state: 'failed', attempt: 1, error: { code: 'invalid_payload' } },
      { state: 'failed', attempt: 1, error: { code: 'invalid_result' } },
    ]);
  });

  test('do not start once the task has expired', async () => {
    const { system, process } = createStage();
    let ran = false;
    const task = taskOf(() => {
      ran = true;
    });
    const navette = process([task]);
    const expiresAt = new Date(system.now().getTime() + 5_000);
    const queued = await navette.submit(task, null, { expiresAt });
    const scheduled = await navette.submit(task, null, { expiresAt, delayMs: 60_000 });
    await system.advance(5_000);
    navette.work();
    await system.advance(2_000);
    for (const { id } of [queued, scheduled]) {
      expect(await navette.get(id)).toMatchObject({ state: 'expired', attempts: [] });
    }
    expect(ran).toBe(false);
  });

  test('run by priority, and when their time has come', async () => {
    const { system, process } = createStage();
    const order: unknown[] = [];
    const task = taskOf((payload) => void order.push(payload));
    const navette = process([task]);
    await navette.submit(task, 'later', { delayMs: 5_000, priority: 'critical' });
    for (const priority of ['bulk', 'normal', 'critical', 'low', 'high'] as const) {
      await navette.submit(task, priority, { priority });
    }
    navette.work({ queues: { default: 1 } });
    await system.advance(4_999);
    expect(order).toEqual(['critical', 'high', 'normal', 'low', 'bulk']);
    await system.advance(1);
    expect(order.at(-1)).toBe('later');
  });
});
