import { describe, expect } from 'vitest';
import { newId, newTask, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

/** Recording tasks and reading them back. */
export function describeRecords(open: OpenStore): void {
  const it = storeCases(open);
  describe('records', () => {
    it('keeps a task as it was submitted', async ({ store, get, now }) => {
      const expiresAt = new Date(now().getTime() + 3_600_000);
      const given = newTask({ priority: 'high', tags: ['b', 'a'], timeoutMs: 1_234, expiresAt });
      const [outcome] = await store.records.insert([given]);
      const task = await get(given.id);
      expect(outcome).toEqual({ kind: 'inserted', task: { ...task, attempts: undefined } });
      const { id, type, queue, payload, priority, retry, timeoutMs, tags } = given;
      expect(task).toMatchObject({ id, type, queue, payload, priority, retry, timeoutMs, tags, expiresAt });
      expect(task).toMatchObject({ state: 'queued', attempt: 0, spent: 0, dispatch: 1, runAt: null, attempts: [] });
      expect(task).toMatchObject({ result: null, error: null, progress: null, cancellation: null });
      expect(task).toMatchObject({ startedAt: null, finishedAt: null });
      expect(Math.abs(task.submittedAt.getTime() - now().getTime())).toBeLessThan(60_000);
    });

    it('schedules what is due later, by delay or by moment', async ({ insert, now }) => {
      const delayed = await insert({ delayMs: 60_000 });
      expect(delayed).toMatchObject({ state: 'scheduled', dispatch: 1 });
      expect(delayed.runAt?.getTime()).toBe(delayed.submittedAt.getTime() + 60_000);
      const runAt = new Date(now().getTime() + 60_000);
      expect(await insert({ runAt })).toMatchObject({ state: 'scheduled', runAt });
    });

    it('queues at once what is due now or was due before', async ({ insert, now }) => {
      expect(await insert({ delayMs: 0 })).toMatchObject({ state: 'queued' });
      expect(await insert({ runAt: new Date(now().getTime() - 60_000) })).toMatchObject({ state: 'queued' });
    });

    it('answers in the order of the tasks', async ({ store }) => {
      const tasks = Array.from({ length: 50 }, (_, n) => newTask({ payload: { n } })).reverse();
      const outcomes = await store.records.insert(tasks);
      const ids = outcomes.map((outcome) => (outcome.kind === 'inserted' ? outcome.task.id : outcome.kind));
      expect(ids).toEqual(tasks.map((task) => task.id));
    });

    it('answers nothing to nothing', async ({ store }) => {
      expect(await store.records.insert([])).toEqual([]);
    });

    it('records what is submitted at the same time, each on its own', async ({ store, get }) => {
      const tasks = Array.from({ length: 40 }, (_, n) => newTask({ payload: { n } }));
      const outcomes = await Promise.all(tasks.map((task) => store.records.insert([task])));
      expect(outcomes.flat().map((outcome) => outcome.kind)).toEqual(tasks.map(() => 'inserted'));
      for (const [n, { id }] of tasks.entries()) expect((await get(id)).payload).toEqual({ n });
    });

    it('finds no task by an id that is unknown or not one', async ({ store, insert }) => {
      await insert();
      expect(await store.records.get(newId())).toBeUndefined();
      for (const id of ['', 'no-uuid', "'; drop table tasks; --", '\u0000']) {
        expect(await store.records.get(id)).toBeUndefined();
      }
    });

    it('shares nothing with what was passed in or handed out', async ({ store, get }) => {
      const payload = { list: [1] };
      const given = newTask({ payload });
      await store.records.insert([given]);
      payload.list.push(2);
      const read = await get(given.id);
      expect(read.payload).toEqual({ list: [1] });
      Reflect.set(read.payload as object, 'list', 'changed');
      expect((await get(given.id)).payload).toEqual({ list: [1] });
    });

    it('sums up every queue that has tasks or is paused', async ({ store, inState, insert, advance, get }) => {
      expect(await store.records.queues()).toEqual([]);
      const first = await insert({ queue: 'b' });
      await advance(60_000);
      await insert({ queue: 'b' });
      for (const state of ['scheduled', 'running', 'completed', 'failed', 'cancelled'] as const) {
        await inState(state, { queue: 'b' });
      }
      await inState('retrying', { queue: 'c' });
      await store.control.setPaused('a', true);
      const none = {
        scheduled: 0,
        queued: 0,
        running: 0,
        retrying: 0,
        completed: 0,
        failed: 0,
        cancelled: 0,
        expired: 0,
      };
      const { submittedAt } = await get(first.id);
      expect(await store.records.queues()).toEqual([
        { queue: 'a', paused: true, counts: none, oldestQueuedAt: null },
        {
          queue: 'b',
          paused: false,
          counts: { ...none, queued: 2, scheduled: 1, running: 1, completed: 1, failed: 1, cancelled: 1 },
          oldestQueuedAt: submittedAt,
        },
        { queue: 'c', paused: false, counts: { ...none, retrying: 1 }, oldestQueuedAt: null },
      ]);
    });

    it('sums up the same, whatever of it has been counted before', async ({ store, inState, advance }) => {
      const count = () => store.tally?.(2);
      const queue = 'b';
      const counts = async () => (await store.records.queues()).map((summary) => summary.counts);
      const [failed, cancelled] = [await inState('failed', { queue }), await inState('cancelled', { queue })];
      for (let n = 0; n < 3; n++) await inState('completed', { queue });
      await advance(90_000);
      await count();
      expect(await counts()).toMatchObject([{ completed: 3, failed: 1, cancelled: 1, queued: 0 }]);
      await store.control.retry(failed);
      await inState('failed', { queue });
      expect(await counts()).toMatchObject([{ completed: 3, failed: 1, cancelled: 1, queued: 1 }]);
      await advance(90_000);
      for (let n = 0; n < 3; n++) await count();
      await store.control.retry(cancelled);
      await inState('expired', { queue });
      expect(await counts()).toMatchObject([{ completed: 3, failed: 1, cancelled: 0, queued: 2, expired: 1 }]);
      expect(await store.upkeep.prune(2, 60_000)).toBe(2);
      const [left] = await counts();
      expect((left?.completed ?? 0) + (left?.failed ?? 0)).toBe(2);
      expect(await store.upkeep.prune(10, 0)).toBe(3);
      expect(await counts()).toMatchObject([{ completed: 0, failed: 0, cancelled: 0, queued: 2, expired: 0 }]);
    });

    it('tells how long work waits, by queue', async ({ store, insert, inState, advance }) => {
      const types = ['contract.task'];
      const wait = (...queues: string[]) => store.records.waiting(queues, types);
      expect(await wait('a')).toEqual([]);
      await insert({ queue: 'a', priority: 'bulk' });
      await advance(20_000);
      await insert({ queue: 'a', priority: 'critical' });
      for (const state of ['scheduled', 'running', 'retrying', 'completed'] as const)
        await inState(state, { queue: 'b' });
      await advance(10_000);
      const [{ queue, waitedMs } = { queue: '', waitedMs: 0 }, ...others] = await wait('a', 'b');
      expect([queue, others]).toEqual(['a', []]);
      expect(waitedMs).toBeGreaterThanOrEqual(30_000);
      expect(waitedMs).toBeLessThan(90_000);
    });

    it('tells what is next in a queue, and how much runs there', async ({ store, insert, inState }) => {
      const look = async () => (await store.records.waiting(['a', 'b'], ['contract.task']))[0];
      const nextOf = async () => (await look())?.next;
      await insert({ queue: 'a', priority: 'low' });
      const low = await nextOf();
      const { id, dispatch, queue, priority } = await insert({ queue: 'a', priority: 'critical' });
      const critical = await nextOf();
      expect(critical).not.toBe(low);
      await insert({ queue: 'a', priority: 'critical' });
      // Handed over again it has not moved.
      await store.ledger.redispatch([{ taskId: id, dispatch, queue, priority }]);
      expect(await look()).toMatchObject({ queue: 'a', next: critical, running: 0 });
      await store.control.cancel(id);
      const other = await nextOf();
      expect(other).not.toBe(critical);
      await store.control.retry(id);
      expect(await nextOf()).toBe(other);
      await inState('running', { queue: 'b' });
      for (let n = 0; n < 2; n++) await inState('running', { queue: 'a' });
      expect(await look()).toMatchObject({ queue: 'a', next: other, running: 2 });
    });

    it('leaves out of that what is not to be started: paused, expired, of other types', async (scene) => {
      const { store, insert, advance, now } = scene;
      await insert({ queue: 'paused' });
      await store.control.setPaused('paused', true);
      await insert({ queue: 'expired', expiresAt: new Date(now().getTime() + 60_000) });
      await insert({ queue: 'unknown', type: 'contract.other' });
      await insert({ queue: 'waiting' });
      await advance(120_000);
      const waits = await store.records.waiting(['paused', 'expired', 'unknown', 'waiting'], ['contract.task']);
      expect(waits.map(({ queue }) => queue)).toEqual(['waiting']);
    });

    it('is healthy', async ({ store }) => {
      expect(await store.healthy()).toBe(true);
    });
  });
}
