import {
  InvalidQueryError,
  type NewOperation,
  type Operation,
  type OperationStep,
  type TaskFilter,
  type TaskStore,
} from '@navette/domain';
import { describe, expect } from 'vitest';
import { failure, newId, newTask, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

const dayMs = 24 * 3_600_000;

function newOperation(given: Partial<NewOperation> = {}): NewOperation {
  return { id: newId(), action: 'cancel', filter: { queue: 'contract' }, total: 0, perSecond: 100, ...given };
}

async function started(store: TaskStore, given?: Partial<NewOperation>): Promise<Operation> {
  const outcome = await store.operations.create(newOperation(given));
  if (outcome.kind !== 'created') throw new Error(`expected it to be created: ${JSON.stringify(outcome)}`);
  return outcome.operation;
}

function idsOf({ moved, cancelRequested }: OperationStep): string[] {
  return [...moved.map(({ taskId }) => taskId), ...cancelRequested];
}

/** The ids two by two, each pair in the order of the ids. */
function pairs(ids: readonly string[]): string[] {
  return ids.flatMap((_, n) => (n % 2 > 0 ? [] : ids.slice(n, n + 2).sort()));
}

/** Mass actions. */
export function describeOperations(open: OpenStore): void {
  const it = storeCases(open);
  const state = async (store: TaskStore, { id }: Operation) => store.operations.get(id);

  describe('operations', () => {
    it('keeps one as it was asked for', async ({ store, now }) => {
      const filter = { states: ['failed' as const], tag: 'a', finishedAfter: new Date(now().getTime() - 1_000) };
      const given = newOperation({ action: 'retry', filter, total: 7, perSecond: 3 });
      const outcome = await store.operations.create(given);
      const operation = await store.operations.get(given.id);
      expect(outcome).toEqual({ kind: 'created', operation });
      const { id, action, total, perSecond } = given;
      expect(operation).toMatchObject({ id, action, total, perSecond, state: 'running', done: 0, failed: 0 });
      expect(operation).toMatchObject({ failures: {}, finishedAt: null, filter });
      expect(Math.abs((operation?.createdAt.getTime() ?? 0) - now().getTime())).toBeLessThan(60_000);
    });

    it('knows none by an id that is unknown or not one', async ({ store }) => {
      for (const id of [newId(), '', 'x', '\u0000']) {
        expect(await store.operations.get(id)).toBeUndefined();
        expect(await store.operations.stop(id)).toBeUndefined();
      }
    });

    it('lists the newest first, page by page', async ({ store, advance }) => {
      const ids: string[] = [];
      for (let n = 0; n < 5; n++) {
        ids.unshift((await started(store)).id);
        if (n === 2) await advance(1_000);
      }
      const first = await store.operations.list({ limit: 3 });
      const second = await store.operations.list({ limit: 3, cursor: first.nextCursor ?? undefined });
      expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
      expect(second.nextCursor).toBeNull();
      const foreign = store.operations.list({ limit: 3, cursor: 'made-up' });
      await expect(foreign).rejects.toThrow(InvalidQueryError);
    });

    it('starts one for a key, however often it is asked', async ({ store }) => {
      const idempotency = { scope: 'me', key: 'k', fingerprint: 'same' };
      const twins = await Promise.all([1, 2, 3].map(() => store.operations.create(newOperation({ idempotency }))));
      const created = twins.filter(({ kind }) => kind === 'created');
      expect(twins.map(({ kind }) => kind).sort()).toEqual(['created', 'replayed', 'replayed']);
      const ids = new Set(twins.map((twin) => (twin.kind === 'keyReused' ? '' : twin.operation.id)));
      expect(ids.size).toBe(1);
      const other = { ...idempotency, fingerprint: 'other' };
      const operationId = created[0]?.kind === 'created' ? created[0].operation.id : '';
      expect(await store.operations.create(newOperation({ idempotency: other }))).toEqual({
        kind: 'keyReused',
        operationId,
      });
      const elsewhere = { ...other, scope: 'you' };
      expect(await store.operations.create(newOperation({ idempotency: elsewhere }))).toMatchObject({
        kind: 'created',
      });
    });

    it('frees a key after 7 days, whatever became of its operation', async ({ store, advance }) => {
      const idempotency = { scope: 'me', key: 'k', fingerprint: 'same' };
      const old = await started(store, { idempotency, filter: { queue: 'old' } });
      await advance(6 * dayMs);
      expect(await store.operations.create(newOperation({ idempotency }))).toMatchObject({
        kind: 'replayed',
        operation: { id: old.id },
      });
      await advance(dayMs);
      const other = { ...idempotency, fingerprint: 'other' };
      const twins = [1, 2, 3].map(() => store.operations.create(newOperation({ idempotency: other })));
      expect((await Promise.all(twins)).map(({ kind }) => kind).sort()).toEqual(['created', 'replayed', 'replayed']);
      expect(await store.operations.create(newOperation({ idempotency }))).toMatchObject({ kind: 'keyReused' });
      expect(await state(store, old)).toMatchObject({ id: old.id, state: 'running' });
    });

    it('is pruned when it ended long ago and no key protects it', async ({ store, advance }) => {
      const idempotency = { scope: 'me', key: 'k', fingerprint: 'same' };
      const keyed = await started(store, { idempotency });
      const stopped = await started(store);
      const running = await started(store);
      for (const { id } of [keyed, stopped]) await store.operations.stop(id);
      expect(await store.upkeep.prune(500, dayMs)).toBe(0);
      await advance(dayMs);
      const fresh = await started(store);
      await store.operations.stop(fresh.id);
      expect(await store.upkeep.prune(500, dayMs)).toBe(1);
      expect(await state(store, stopped)).toBeUndefined();
      const kept = async () => (await store.operations.list({ limit: 10 })).items.map(({ id }) => id);
      expect(await kept()).toEqual([fresh.id, running.id, keyed.id]);
      await advance(6 * dayMs);
      for (const count of [1, 1, 0]) expect(await store.upkeep.prune(1, dayMs)).toBe(count);
      expect(await kept()).toEqual([running.id]);
    });

    it('tells what a key stands for, before anything is started with it', async ({ store, advance }) => {
      const idempotency = { scope: 'me', key: 'k', fingerprint: 'same' };
      expect(await store.operations.startedBefore(idempotency)).toBeUndefined();
      const { id } = await started(store, { idempotency });
      await store.operations.stop(id);
      const operation = await store.operations.get(id);
      expect(await store.operations.startedBefore(idempotency)).toEqual({ kind: 'replayed', operation });
      const reused = { kind: 'keyReused', operationId: id };
      expect(await store.operations.startedBefore({ ...idempotency, fingerprint: 'other' })).toEqual(reused);
      expect(await store.operations.startedBefore({ ...idempotency, scope: 'you' })).toBeUndefined();
      expect(await store.operations.startedBefore({ ...idempotency, key: 'K' })).toBeUndefined();
      await advance(7 * dayMs);
      expect(await store.operations.startedBefore(idempotency)).toBeUndefined();
    });

    it('cancels what is open, the newest first, and asks what runs to stop', async (scene) => {
      const { store, inState, insert, get, advance } = scene;
      const open: string[] = [];
      for (const each of ['scheduled', 'queued', 'retrying', 'running'] as const) open.push(await inState(each));
      const others = [await inState('completed'), (await insert({ queue: 'other' })).id];
      const operation = await started(store);
      await advance(1_000);
      const later = await insert();
      const first = await store.operations.advance(3);
      expect(new Set(idsOf(first as OperationStep))).toEqual(new Set(open.slice(1)));
      expect(first?.cancelRequested).toEqual([open[3]]);
      expect(first?.moved).toContainEqual({ taskId: open[1], state: 'cancelled' });
      expect(await state(store, operation)).toMatchObject({ state: 'running', done: 3, failed: 0 });
      expect(await store.operations.advance(3)).toEqual({
        moved: [{ taskId: open[0], state: 'cancelled' }],
        cancelRequested: [],
      });
      expect(await state(store, operation)).toMatchObject({ state: 'completed', done: 4, failed: 0, failures: {} });
      expect((await state(store, operation))?.finishedAt).toBeInstanceOf(Date);
      expect(await get(open[1] ?? '')).toMatchObject({ state: 'cancelled', cancellation: { outcome: 'acknowledged' } });
      expect(await get(open[3] ?? '')).toMatchObject({ state: 'running', cancellation: { outcome: null } });
      for (const id of [...others, later.id]) expect((await get(id)).cancellation).toBeNull();
    });

    it('does not ask twice what has been asked to stop', async ({ store, inState, advance }) => {
      const id = await inState('running');
      await store.control.cancel(id);
      const operation = await started(store);
      await advance(1_000);
      expect(await store.operations.advance(500)).toEqual({ moved: [], cancelRequested: [] });
      expect(await state(store, operation)).toMatchObject({ state: 'completed', done: 1, failed: 0 });
    });

    it('retries what has ended, the oldest first, ready to be handed over', async ({
      store,
      inState,
      get,
      advance,
    }) => {
      const ended: string[] = [];
      for (const each of ['completed', 'failed', 'cancelled', 'expired'] as const) ended.push(await inState(each));
      const open = await inState('queued');
      await started(store, { action: 'retry' });
      await advance(1_000);
      const first = await store.operations.advance(3);
      expect(new Set(idsOf(first as OperationStep))).toEqual(new Set(ended.slice(0, 3)));
      const second = await store.operations.advance(3);
      const { dispatch, queue, priority, state: now } = await get(ended[3] ?? '');
      expect([now, dispatch]).toEqual(['queued', 2]);
      const handOver = { taskId: ended[3], dispatch, queue, priority };
      expect(second?.moved).toEqual([{ taskId: ended[3], state: 'queued', dispatch: handOver }]);
      expect((await get(open)).dispatch).toBe(1);
    });

    it('retries none twice, though it fails again', async ({ store, settled, claim, get, advance }) => {
      const fail = { outcome: 'failed', error: failure, next: 'failed' } as const;
      for (let n = 0; n < 4; n++) await settled(fail);
      const operation = await started(store, { action: 'retry', filter: { states: ['failed'] } });
      const seen: string[] = [];
      for (let n = 0; n < 6; n++) {
        await advance(1_000);
        const step = await store.operations.advance(2);
        for (const id of step ? idsOf(step) : []) {
          seen.push(id);
          await store.attempts.settle(await claim(await get(id)), fail);
        }
      }
      expect(seen).toHaveLength(4);
      expect(new Set(seen).size).toBe(4);
      expect(await state(store, operation)).toMatchObject({ state: 'completed', done: 4 });
    });

    it('finds what a search with the same filter finds, the oldest first', async ({ store, inState, advance, now }) => {
      const states = ['completed', 'failed', 'cancelled', 'failed', 'expired', 'completed', 'failed'] as const;
      const filters: TaskFilter[] = [
        {},
        { states: ['failed', 'completed'] },
        { type: 'contract.task' },
        { tag: 'red' },
        { errorCode: failure.code },
        { finishedBefore: new Date(now().getTime() + 3_600_000) },
        { submittedAfter: new Date(now().getTime() - 3_600_000) },
        { tag: 'red', errorCode: failure.code },
      ];
      for (const [n, given] of filters.entries()) {
        const filter = { ...given, queue: `queue-${n}` };
        for (const [i, each] of states.entries()) {
          await inState(each, { queue: filter.queue, tags: i % 2 > 0 ? ['red'] : [] });
        }
        const { items } = await store.records.search({ ...filter, limit: 100 });
        await started(store, { action: 'retry', filter });
        await advance(1_000);
        const seen: string[] = [];
        for (let step = await store.operations.advance(2); step; step = await store.operations.advance(2)) {
          seen.push(...step.moved.map(({ taskId }) => taskId));
        }
        const expected = items.map(({ id }) => id).reverse();
        // Within one step they come in any order.
        expect(pairs(seen), JSON.stringify(filter)).toEqual(pairs(expected));
      }
    });

    it('keeps to its pace, and makes up for two seconds at most', async ({ store, advance, now }) => {
      await store.records.insert(Array.from({ length: 60 }, () => newTask()));
      const startedMs = now().getTime();
      const operation = await started(store, { perSecond: 10 });
      await store.operations.advance(500);
      await advance(1_000);
      await store.operations.advance(500);
      const { done = 0 } = (await state(store, operation)) ?? {};
      expect(done).toBeGreaterThanOrEqual(10);
      // On a database the clock goes on by itself as well.
      const waitedMs = Math.max(1_000, now().getTime() - startedMs + 1_000);
      expect(done).toBeLessThanOrEqual(Math.min(40, waitedMs / 100));
      await advance(3_600_000);
      expect(idsOf((await store.operations.advance(500)) as OperationStep)).toHaveLength(20);
      await advance(3_600_000);
      expect(idsOf((await store.operations.advance(4)) as OperationStep)).toHaveLength(4);
      expect(await state(store, operation)).toMatchObject({ state: 'running', done: done + 24 });
    });

    it('goes on with every operation, and stops the one it is told to', async ({ store, insert, advance, get }) => {
      const [a, b] = [await insert({ queue: 'a' }), await insert({ queue: 'b' })];
      const stopped = await started(store, { filter: { queue: 'a' } });
      const running = await started(store, { filter: { queue: 'b' } });
      const answer = await store.operations.stop(stopped.id);
      expect(answer).toMatchObject({ state: 'stopped', finishedAt: expect.any(Date) });
      expect(await store.operations.stop(stopped.id)).toEqual(answer);
      await advance(1_000);
      while (await store.operations.advance(500));
      expect((await get(a.id)).state).toBe('queued');
      expect((await get(b.id)).state).toBe('cancelled');
      expect(await store.operations.stop(running.id)).toMatchObject({ state: 'completed' });
    });

    it('does each task once, however many stewards are at it', async ({ store, advance }) => {
      const tasks = Array.from({ length: 60 }, () => newTask());
      await store.records.insert(tasks);
      const operation = await started(store, { perSecond: 40 });
      const seen: string[] = [];
      for (let n = 0; n < 4; n++) {
        await advance(1_001);
        const steps = await Promise.all(Array.from({ length: 5 }, () => store.operations.advance(15)));
        for (const step of steps) seen.push(...(step ? idsOf(step) : []));
      }
      expect(seen.sort()).toEqual(tasks.map(({ id }) => id));
      expect(await state(store, operation)).toMatchObject({ done: 60, failed: 0 });
    });
  });
}
