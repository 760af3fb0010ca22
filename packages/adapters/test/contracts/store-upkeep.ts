import { defaultRetryPolicy, type WorkerInfo } from '@navette/domain';
import { describe, expect } from 'vitest';
import { leaseMs, newId, newTask, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The background work. */
export function describeUpkeep(open: OpenStore): void {
  const it = storeCases(open);
  const someone = (): WorkerInfo => ({
    id: newId(),
    name: 'host 7',
    queues: { contract: 5 },
    types: ['contract.task'],
  });

  describe('leases', () => {
    it('knows the workers whose lease is live', async ({ store, advance }) => {
      const [a, b] = [someone(), someone()];
      await store.upkeep.renew(a, leaseMs);
      await store.upkeep.renew(b, leaseMs);
      expect(new Set((await store.upkeep.workers()).map(({ id }) => id))).toEqual(new Set([a.id, b.id]));
      await advance(leaseMs / 2);
      await store.upkeep.renew(a, leaseMs);
      await advance(leaseMs / 2 + 1);
      const live = await store.upkeep.workers();
      expect(live).toEqual([{ ...a, startedAt: expect.any(Date), renewedAt: expect.any(Date) }]);
      expect(live[0]?.startedAt.getTime()).toBeLessThan(live[0]?.renewedAt.getTime() ?? 0);
      await store.upkeep.release(a.id);
      await store.upkeep.release(newId());
      expect(await store.upkeep.workers()).toEqual([]);
    });

    it('tells a worker what runs under it', async ({ store, running, worker, claim, insert }) => {
      const info = someone();
      expect(await store.upkeep.renew(info, leaseMs)).toEqual({ inTime: false, held: [] });
      await running();
      const claimant = { worker: info.id, types: ['contract.task'] };
      const [first, second] = [await claim(await insert(), claimant), await claim(await insert(), claimant)];
      await store.attempts.settle(second, { outcome: 'completed', result: null });
      const { held } = await store.upkeep.renew(info, leaseMs);
      expect(held).toEqual([{ taskId: first.taskId, attempt: 1, cancelRequested: false }]);
      const other = await worker();
      const others = await store.upkeep.renew({ ...someone(), id: other.worker }, leaseMs);
      expect(others).toEqual({ inTime: true, held: [] });
    });

    it('tells a worker whether its lease had run out', async ({ store, running, advance }) => {
      const { worker, taskId } = await running();
      const info = { ...someone(), id: worker };
      await advance(leaseMs - 1_000);
      expect((await store.upkeep.renew(info, leaseMs)).inTime).toBe(true);
      await advance(leaseMs + 1);
      const held = [{ taskId, attempt: 1, cancelRequested: false }];
      expect(await store.upkeep.renew(info, leaseMs)).toEqual({ inTime: false, held });
      expect((await store.upkeep.renew(info, leaseMs)).inTime).toBe(true);
      await store.upkeep.release(worker);
      expect((await store.upkeep.renew(info, leaseMs)).inTime).toBe(false);
    });
  });

  describe('names of workers', () => {
    it('are told by attempts, whatever became of the worker since', async (scene) => {
      const { store, recoverLost, insert, claim, get, advance } = scene;
      const info = someone();
      const claimant = { worker: info.id, types: info.types };
      await store.upkeep.renew(info, leaseMs);
      const [left, settled] = [await claim(await insert(), claimant), await claim(await insert(), claimant)];
      const named = { worker: info.id, workerName: info.name };
      expect((await get(settled.taskId)).attempts).toMatchObject([{ ...named, outcome: 'running' }]);
      await store.attempts.settle(settled, { outcome: 'completed', result: null });
      await store.upkeep.release(info.id);
      await recoverLost(500);
      await advance(3 * hourMs);
      await recoverLost(500);
      expect((await get(settled.taskId)).attempts).toMatchObject([{ ...named, outcome: 'completed' }]);
      expect((await get(left.taskId)).attempts).toMatchObject([{ ...named, outcome: 'lost' }]);
      expect((await store.upkeep.workers()).map(({ id }) => id)).not.toContain(info.id);
    });

    it('are null where the worker was never heard of', async ({ insert, claim, get }) => {
      const { taskId } = await claim(await insert(), { worker: newId(), types: ['contract.task'] });
      expect((await get(taskId)).attempts).toMatchObject([{ workerName: null }]);
    });

    it('are forgotten once all that the worker finished is pruned', async (scene) => {
      const { store, inState, settled, get, advance } = scene;
      const retrying = await inState('retrying');
      const finished = await settled({ outcome: 'completed', result: null });
      const nameIn = async (taskId: string) => (await get(taskId)).attempts[0]?.workerName;
      // As long as a key may protect a task.
      await advance(6 * dayMs);
      expect(await store.upkeep.prune(2, 7 * dayMs)).toBe(0);
      expect([await nameIn(retrying), await nameIn(finished)]).toEqual(['contract', 'contract']);
      await advance(dayMs + hourMs);
      const live = await inState('running');
      expect(await store.upkeep.prune(1, hourMs)).toBe(1);
      expect(await nameIn(retrying)).toBe('contract');
      for (let n = 0; n < 2; n++) expect(await store.upkeep.prune(1, hourMs)).toBe(0);
      expect([await nameIn(retrying), await nameIn(live)]).toEqual([null, 'contract']);
    });
  });

  describe('promotion', () => {
    it('queues what has become due, ready to be handed over', async ({ store, inState, advance, get }) => {
      const scheduled = await inState('scheduled');
      const retrying = await inState('retrying');
      const later = await inState('scheduled', { delayMs: 90_000 });
      await advance(60_001);
      const { promoted, nextDueInMs } = await store.upkeep.promoteDue(500);
      expect(promoted).toHaveLength(2);
      for (const id of [scheduled, retrying]) {
        const { dispatch, queue, priority } = await get(id);
        expect(promoted).toContainEqual({
          taskId: id,
          state: 'queued',
          dispatch: { taskId: id, dispatch, queue, priority },
        });
        expect(await get(id)).toMatchObject({ state: 'queued' });
      }
      expect((await get(scheduled)).dispatch).toBe(1);
      expect((await get(retrying)).dispatch).toBe(2);
      expect((await get(later)).state).toBe('scheduled');
      expect(nextDueInMs).toBeGreaterThan(0);
      expect(nextDueInMs).toBeLessThanOrEqual(30_000);
    });

    it('says when nothing waits', async ({ store, inState }) => {
      await inState('queued');
      expect(await store.upkeep.promoteDue(500)).toEqual({ promoted: [], nextDueInMs: null });
    });

    it('takes no more than it was told, and says that more is due', async ({ store, inState, advance }) => {
      for (let n = 0; n < 5; n++) await inState('scheduled');
      await advance(60_001);
      const first = await store.upkeep.promoteDue(3);
      expect(first.promoted).toHaveLength(3);
      expect(first.nextDueInMs).toBe(0);
      expect((await store.upkeep.promoteDue(3)).promoted).toHaveLength(2);
    });

    it('promotes each task once, however many stewards are at it', async ({ store, advance }) => {
      const tasks = Array.from({ length: 30 }, () => newTask({ delayMs: 1_000 }));
      await store.records.insert(tasks);
      await advance(1_001);
      const promotions = await Promise.all(Array.from({ length: 4 }, () => store.upkeep.promoteDue(500)));
      const ids = promotions.flatMap(({ promoted }) => promoted.map(({ taskId }) => taskId));
      expect(ids.sort()).toEqual(tasks.map(({ id }) => id));
    });
  });

  describe('recovery', () => {
    it('leaves what runs under a live lease', async ({ store, recoverLost, running, advance }) => {
      const { worker } = await running();
      await advance(leaseMs - 1_000);
      expect(await recoverLost(500)).toEqual([]);
      await store.upkeep.renew({ ...someone(), id: worker }, leaseMs);
      await advance(leaseMs - 1_000);
      expect(await recoverLost(500)).toEqual([]);
    });

    it('queues what a lost worker ran; the attempt counts', async ({ recoverLost, running, advance, get }) => {
      const { taskId, queue, priority } = await running();
      await advance(leaseMs + 1);
      const dispatch = { taskId, dispatch: 2, queue, priority };
      expect(await recoverLost(500)).toEqual([{ taskId, state: 'queued', dispatch }]);
      const task = await get(taskId);
      expect(task).toMatchObject({ state: 'queued', dispatch: 2, spent: 1, error: { code: 'worker_lost' } });
      expect(task.attempts).toMatchObject([{ outcome: 'lost', error: { code: 'worker_lost' } }]);
      expect(task.attempts[0]?.finishedAt).toBeInstanceOf(Date);
      expect(await recoverLost(500)).toEqual([]);
    });

    it('takes what a released or unknown worker ran at once', async ({
      store,
      recoverLost,
      running,
      insert,
      claim,
    }) => {
      const released = await running();
      await store.upkeep.release(released.worker);
      const unknown = await claim(await insert(), { worker: newId(), types: ['contract.task'] });
      const recovered = await recoverLost(500);
      expect(new Set(recovered.map(({ taskId }) => taskId))).toEqual(new Set([released.taskId, unknown.taskId]));
    });

    it('takes nothing for a judge whose own lease has run out', async ({ store, running, worker, advance, get }) => {
      const [own, others] = [await running(), await running()];
      await advance(leaseMs + 1);
      for (const judge of [own.worker, newId()]) expect(await store.upkeep.recoverLost(judge, 500)).toBeUndefined();
      for (const { taskId } of [own, others]) expect((await get(taskId)).state).toBe('running');
      await store.upkeep.renew({ ...someone(), id: own.worker }, leaseMs);
      const recovered = await store.upkeep.recoverLost(own.worker, 500);
      expect(recovered).toMatchObject([{ taskId: others.taskId, state: 'queued' }]);
      expect(await store.upkeep.recoverLost((await worker()).worker, 500)).toEqual([]);
    });

    it('fails a task whose attempts are spent on lost workers', async ({
      recoverLost,
      running,
      claim,
      advance,
      get,
    }) => {
      const { taskId } = await running({ retry: { ...defaultRetryPolicy, maxAttempts: 2 } });
      await advance(leaseMs + 1);
      await recoverLost(500);
      await claim(await get(taskId));
      await advance(leaseMs + 1);
      expect(await recoverLost(500)).toEqual([{ taskId, state: 'failed' }]);
      const task = await get(taskId);
      expect(task).toMatchObject({ state: 'failed', spent: 2, error: { code: 'worker_lost' } });
      expect(task.finishedAt).toBeInstanceOf(Date);
    });

    it('ends a lost task that was to be cancelled', async ({ store, recoverLost, running, advance, get }) => {
      const { taskId } = await running();
      await store.control.cancel(taskId);
      await advance(leaseMs + 1);
      expect(await recoverLost(500)).toEqual([{ taskId, state: 'cancelled' }]);
      const task = await get(taskId);
      expect(task).toMatchObject({ state: 'cancelled', cancellation: { outcome: 'acknowledged' } });
      expect(task.attempts).toMatchObject([{ outcome: 'lost' }]);
    });

    it('recovers each task once, however many stewards are at it', async ({ recoverLost, running, advance, get }) => {
      const attempts = await Promise.all(Array.from({ length: 20 }, () => running()));
      await advance(leaseMs + 1);
      const recovered = await Promise.all(Array.from({ length: 4 }, () => recoverLost(500)));
      const ids = recovered.flat().map(({ taskId }) => taskId);
      expect(ids.sort()).toEqual(attempts.map(({ taskId }) => taskId).sort());
      for (const { taskId } of attempts) expect(await get(taskId)).toMatchObject({ spent: 1, dispatch: 2 });
    });

    it('takes no more than it was told', async ({ recoverLost, running, advance }) => {
      for (let n = 0; n < 3; n++) await running();
      await advance(leaseMs + 1);
      expect(await recoverLost(2)).toHaveLength(2);
      expect(await recoverLost(2)).toHaveLength(1);
    });
  });

  describe('expiry', () => {
    it('ends what has waited too long, in a paused queue too', async ({ store, inState, now, advance, get }) => {
      const expiresAt = new Date(now().getTime() + 30_000);
      const waiting = [
        await inState('scheduled', { expiresAt }),
        await inState('queued', { expiresAt }),
        await inState('retrying', { expiresAt }),
      ];
      const running = await inState('running', { expiresAt });
      const patient = await inState('queued');
      await store.control.setPaused('contract', true);
      expect(await store.upkeep.expire(500)).toEqual([]);
      await advance(30_001);
      const expired = await store.upkeep.expire(500);
      expect(expired).toHaveLength(3);
      for (const id of waiting) {
        expect(expired).toContainEqual({ taskId: id, state: 'expired' });
        const task = await get(id);
        expect(task.state).toBe('expired');
        expect(task.finishedAt).toBeInstanceOf(Date);
      }
      expect((await get(running)).state).toBe('running');
      expect((await get(patient)).state).toBe('queued');
    });

    it('takes no more than it was told', async ({ store, insert, now }) => {
      for (let n = 0; n < 3; n++) await insert({ expiresAt: new Date(now().getTime() - 1_000) });
      expect(await store.upkeep.expire(2)).toHaveLength(2);
      expect(await store.upkeep.expire(2)).toHaveLength(1);
    });
  });

  describe('pruning', () => {
    it('deletes what ended long ago, with its attempts and log, and nothing else', async ({
      store,
      running,
      inState,
      advance,
    }) => {
      const attempt = await running();
      await store.attempts.log(attempt, ['a line']);
      await store.attempts.settle(attempt, { outcome: 'completed', result: null });
      const open = await Promise.all((['scheduled', 'queued', 'retrying'] as const).map((state) => inState(state)));
      await advance(2 * hourMs);
      const fresh = await inState('completed');
      expect(await store.upkeep.prune(500, hourMs)).toBe(1);
      expect(await store.records.get(attempt.taskId)).toBeUndefined();
      expect((await store.attempts.logs(attempt.taskId, { limit: 10 })).items).toEqual([]);
      for (const id of [...open, fresh]) expect(await store.records.get(id)).toBeDefined();
      expect(await store.upkeep.prune(500, hourMs)).toBe(0);
    });

    it('takes no more than it was told', async ({ store, inState, advance }) => {
      for (let n = 0; n < 3; n++) await inState('cancelled');
      await advance(hourMs);
      expect(await store.upkeep.prune(2, 1_000)).toBe(2);
      expect(await store.upkeep.prune(2, 1_000)).toBe(1);
    });

    it('finds what no key protects behind what one does', async ({ store, inState, advance }) => {
      const keyed = (n: number) => ({ idempotency: { scope: 'alice', key: `key ${n}`, fingerprint: 'same' } });
      for (let n = 0; n < 25; n++) await inState('cancelled', keyed(n));
      for (let n = 0; n < 3; n++) await inState('cancelled');
      await advance(dayMs);
      expect(await store.upkeep.prune(2, hourMs)).toBe(2);
      expect(await store.upkeep.prune(2, hourMs)).toBe(1);
      expect(await store.upkeep.prune(2, hourMs)).toBe(0);
      await inState('cancelled');
      await advance(dayMs);
      expect(await store.upkeep.prune(2, hourMs)).toBe(1);
      await advance(6 * dayMs);
      expect(await store.upkeep.prune(30, hourMs)).toBe(25);
    });

    it('keeps a task as long as its idempotency key, 7 days', async ({ store, inState, advance }) => {
      const idempotency = { scope: 'alice', key: 'key', fingerprint: 'same' };
      const id = await inState('completed', { idempotency });
      await advance(6 * dayMs);
      expect(await store.upkeep.prune(500, hourMs)).toBe(0);
      expect(await store.records.insert([newTask({ idempotency })])).toMatchObject([
        { kind: 'replayed', task: { id } },
      ]);
      await advance(dayMs + hourMs);
      expect(await store.upkeep.prune(500, hourMs)).toBe(1);
      expect(await store.records.insert([newTask({ idempotency })])).toMatchObject([{ kind: 'inserted' }]);
    });
  });
}
