import type { Priority } from '@navette/domain';
import { describe, expect } from 'vitest';
import { eventually } from '../eventually.ts';
import { brokerCases, createGate, handOver } from './broker-scene.ts';
import type { OpenBroker } from './broker-under-test.ts';
import { newId } from './store-scene.ts';

/** What is delivered: which, in which order, how often. */
export function describeDelivery(open: OpenBroker): void {
  const it = brokerCases(open);
  describe('delivery', () => {
    it('delivers a claimed attempt of what is handed over', async ({ consume, submit, completed, get }) => {
      const listener = await consume();
      const [id = ''] = await submit({ payload: { n: 1 }, priority: 'high' });
      await completed([id]);
      const told = { taskId: id, attempt: 1, dispatch: 1, payload: { n: 1 }, priority: 'high', queue: 'contract' };
      expect(listener.delivered).toMatchObject([{ ...told, worker: listener.worker, type: 'contract.task', spent: 0 }]);
      expect((await get(id)).attempts).toMatchObject([{ number: 1, worker: listener.worker }]);
    });

    it('delivers what was handed over before anyone consumed', async ({ consume, submit, completed }) => {
      const ids = await submit({}, {}, {});
      await consume();
      await completed(ids);
    });

    it('delivers many, each once, to several consumers', async ({ consume, submit, completed }) => {
      const listeners = await Promise.all([1, 2, 3].map(() => consume({ concurrency: 5 })));
      const ids = await submit(...Array.from({ length: 60 }, () => ({})));
      await completed(ids);
      const delivered = listeners.flatMap((listener) => listener.delivered.map(({ taskId }) => taskId));
      expect(delivered.sort()).toEqual(ids);
    });

    it('goes by priority, then by the order of arrival', async ({ consume, submit, completed }) => {
      const given: Priority[] = [
        'bulk',
        'low',
        'normal',
        'critical',
        'high',
        'normal',
        'critical',
        'bulk',
        'high',
        'low',
      ];
      const ids = await submit(...given.map((priority) => ({ priority })));
      const { delivered } = await consume({ concurrency: 1 });
      await completed(ids);
      const order = [3, 6, 4, 8, 2, 5, 1, 9, 0, 7].map((n) => ids[n]);
      expect(delivered.map(({ taskId }) => taskId)).toEqual(order);
    });

    it('keeps queues apart', async ({ consume, submit, completed }) => {
      const [a, b] = [await consume({ queue: 'a' }), await consume({ queue: 'b' })];
      const ids = await submit({ queue: 'a' }, { queue: 'b' }, { queue: 'a' });
      await completed(ids);
      expect(a.delivered.map(({ taskId }) => taskId)).toEqual([ids[0], ids[2]]);
      expect(b.delivered.map(({ taskId }) => taskId)).toEqual([ids[1]]);
    });

    it('is not hurt by the same hand-over again and again', async ({
      broker,
      insert,
      consume,
      completed,
      roundTrip,
    }) => {
      const gate = createGate();
      const listener = await consume({ concurrency: 3, handle: () => gate.passed });
      const task = await insert();
      await broker.dispatch([handOver(task)]);
      await broker.dispatch([handOver(task)]);
      await listener.until(1);
      await broker.dispatch([handOver(task)]);
      await roundTrip();
      gate.open();
      await completed([task.id]);
      await broker.dispatch([handOver(task)]);
      await roundTrip();
      const numbers = new Set(listener.delivered.map(({ attempt }) => attempt));
      expect(numbers).toEqual(new Set([1]));
      // A worker that is handed its own running attempt again gets that one; the runner tells.
      expect(listener.delivered.every(({ taskId }) => taskId === task.id)).toBe(true);
    });

    it('drops a superseded hand-over', async ({ broker, store, insert, get, consume, completed, roundTrip }) => {
      const task = await insert();
      await store.control.cancel(task.id);
      await store.control.retry(task.id);
      const renewed = await get(task.id);
      await broker.dispatch([handOver(task)]);
      await broker.dispatch([handOver(renewed)]);
      const { delivered, errors } = await consume();
      await completed([task.id]);
      await roundTrip();
      expect(delivered).toMatchObject([{ taskId: task.id, dispatch: 2, attempt: 1 }]);
      expect(errors).toEqual([]);
    });

    it('drops a hand-over of a task that is over or unknown', async ({
      broker,
      store,
      insert,
      submit,
      consume,
      completed,
    }) => {
      const cancelled = await insert();
      await store.control.cancel(cancelled.id);
      await broker.dispatch([handOver(cancelled), { ...handOver(cancelled), taskId: newId() }]);
      const { delivered, errors } = await consume();
      const [id = ''] = await submit({});
      await completed([id]);
      expect(delivered.map(({ taskId }) => taskId)).toEqual([id]);
      expect(errors).toEqual([]);
    });

    it('delivers a retry when it is due and handed over', async ({
      broker,
      store,
      consume,
      submit,
      get,
      completed,
    }) => {
      const failed = { code: 'handler_error', message: 'once' };
      const first = await consume({ settle: { outcome: 'failed', error: failed, next: 'retrying', delayMs: 0 } });
      const [id = ''] = await submit({});
      await eventually(async () => expect((await get(id)).state).toBe('retrying'));
      await first.stop();
      const second = await consume();
      const { promoted } = await store.upkeep.promoteDue(10);
      await broker.dispatch(promoted.flatMap(({ dispatch }) => dispatch ?? []));
      await completed([id]);
      expect(second.delivered).toMatchObject([{ taskId: id, attempt: 2, dispatch: 2, spent: 1 }]);
    });

    it('puts what was handed back behind its level', async ({ broker, store, insert, get, consume, completed }) => {
      const [back, other] = [await insert(), await insert()];
      const worker = newId();
      const claimed = await store.attempts.claim({ worker, types: ['contract.task'] }, back.id, 1);
      if (claimed.kind !== 'granted') throw new Error('expected the claim to be granted');
      await broker.dispatch([handOver(other)]);
      await store.attempts.settle(claimed.attempt, { outcome: 'interrupted' });
      await broker.dispatch([handOver(await get(back.id))]);
      const { delivered } = await consume();
      await completed([back.id, other.id]);
      expect(delivered.map(({ taskId }) => taskId)).toEqual([other.id, back.id]);
    });

    it('takes an empty hand-over', async ({ broker }) => {
      await broker.dispatch([]);
      expect(await broker.healthy()).toBe(true);
    });
  });
}
