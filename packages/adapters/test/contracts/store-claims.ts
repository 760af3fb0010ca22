import { describe, expect } from 'vitest';
import { leaseMs, newId, newTask, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

/** Asking for an attempt. */
export function describeClaims(open: OpenStore): void {
  const it = storeCases(open);
  describe('claims', () => {
    it('grants a queued task with all that its run needs', async ({ store, insert, worker, get }) => {
      const task = await insert({ priority: 'low', timeoutMs: 1_234 });
      const claimant = await worker();
      const answer = await store.attempts.claim(claimant, task.id, 1);
      const { id: taskId, type, queue, priority, payload, retry, timeoutMs } = task;
      const told = { taskId, type, queue, priority, payload, retry, timeoutMs, dispatch: 1, spent: 0 };
      expect(answer).toEqual({ kind: 'granted', attempt: { ...told, attempt: 1, worker: claimant.worker } });
      const now = await get(taskId);
      expect(now).toMatchObject({ state: 'running', attempt: 1, spent: 0, finishedAt: null });
      const { startedAt } = now;
      expect(startedAt).toBeInstanceOf(Date);
      const begun = {
        number: 1,
        outcome: 'running',
        worker: claimant.worker,
        workerName: 'contract',
        finishedAt: null,
        error: null,
      };
      expect(now.attempts).toEqual([{ ...begun, startedAt }]);
    });

    it('gives the same attempt to a worker that asks again', async ({ store, running, get }) => {
      const attempt = await running();
      const claimant = { worker: attempt.worker, types: ['contract.task'] };
      const again = await store.attempts.claim(claimant, attempt.taskId, attempt.dispatch);
      expect(again).toEqual({ kind: 'granted', attempt });
      expect((await get(attempt.taskId)).attempts).toHaveLength(1);
    });

    it('holds others off while an attempt runs', async ({ store, running, worker, get }) => {
      const { taskId, dispatch } = await running();
      const answer = await store.attempts.claim(await worker(), taskId, dispatch);
      expect(answer).toEqual({ kind: 'heldByLive', delayMs: expect.any(Number) });
      const { delayMs } = answer as { delayMs: number };
      expect(delayMs).toBeGreaterThanOrEqual(1_000);
      expect(delayMs).toBeLessThanOrEqual(leaseMs);
      expect((await get(taskId)).attempts).toHaveLength(1);
    });

    it('leaves a lost attempt to the steward', async ({ store, running, worker, advance, get }) => {
      const { taskId, dispatch } = await running();
      await advance(leaseMs + 1);
      const answer = await store.attempts.claim(await worker(), taskId, dispatch);
      expect(answer).toEqual({ kind: 'heldByLive', delayMs: 1_000 });
      expect((await get(taskId)).attempts).toMatchObject([{ outcome: 'running' }]);
    });

    it('drops a dispatch that is not the present one', async ({ store, inState, worker, get }) => {
      const id = await inState('completed');
      await store.control.retry(id);
      const { dispatch } = await get(id);
      const claimant = await worker();
      for (const other of [dispatch - 1, dispatch + 1, 0]) {
        expect(await store.attempts.claim(claimant, id, other)).toEqual({ kind: 'superseded' });
      }
      expect(await get(id)).toMatchObject({ state: 'queued', dispatch });
    });

    it('drops a dispatch of a task that is over or unknown', async ({ store, inState, worker, get }) => {
      const claimant = await worker();
      for (const state of ['completed', 'failed', 'cancelled', 'expired'] as const) {
        const id = await inState(state);
        const { dispatch } = await get(id);
        expect(await store.attempts.claim(claimant, id, dispatch)).toEqual({ kind: 'superseded' });
        expect(await get(id)).toMatchObject({ state });
      }
      expect(await store.attempts.claim(claimant, newId(), 1)).toEqual({ kind: 'superseded' });
      expect(await store.attempts.claim(claimant, 'no-uuid', 1)).toEqual({ kind: 'superseded' });
    });

    it('puts off a task that is not due', async ({ store, inState, worker, get }) => {
      for (const state of ['scheduled', 'retrying'] as const) {
        const id = await inState(state);
        const { dispatch } = await get(id);
        const answer = await store.attempts.claim(await worker(), id, dispatch);
        expect(answer).toEqual({ kind: 'notYet', delayMs: expect.any(Number) });
        expect((answer as { delayMs: number }).delayMs).toBeGreaterThan(0);
        expect((await get(id)).state).toBe(state);
      }
    });

    it('puts off a task of a paused queue, and grants it when the queue goes on', async ({ store, insert, worker }) => {
      const { id } = await insert();
      const elsewhere = await insert({ queue: 'other' });
      const claimant = await worker();
      await store.control.setPaused('contract', true);
      const answer = await store.attempts.claim(claimant, id, 1);
      expect(answer).toEqual({ kind: 'notYet', delayMs: expect.any(Number) });
      expect((answer as { delayMs: number }).delayMs).toBeGreaterThan(0);
      expect(await store.attempts.claim(claimant, elsewhere.id, 1)).toMatchObject({ kind: 'granted' });
      await store.control.setPaused('contract', false);
      expect(await store.attempts.claim(claimant, id, 1)).toMatchObject({ kind: 'granted' });
    });

    it('puts off a type that the worker does not know', async ({ store, insert, worker, get }) => {
      const { id } = await insert({ type: 'other.type' });
      const claimant = await worker();
      expect(await store.attempts.claim(claimant, id, 1)).toEqual({ kind: 'notYet', delayMs: expect.any(Number) });
      expect(await get(id)).toMatchObject({ state: 'queued', attempts: [] });
      const knowing = { ...claimant, types: ['contract.task', 'other.type'] };
      expect(await store.attempts.claim(knowing, id, 1)).toMatchObject({ kind: 'granted' });
    });

    it('does not start what has expired', async ({ store, insert, worker, now, advance, get }) => {
      const { id } = await insert({ expiresAt: new Date(now().getTime() + 30_000) });
      await advance(30_001);
      expect(await store.attempts.claim(await worker(), id, 1)).toEqual({ kind: 'expired' });
      expect((await get(id)).attempts).toEqual([]);
    });

    it('numbers attempts on', async ({ store, running, claim, get }) => {
      const first = await running();
      await store.attempts.settle(first, { outcome: 'interrupted' });
      const { dispatch } = await get(first.taskId);
      const second = await claim({ id: first.taskId, dispatch });
      expect(second).toMatchObject({ attempt: 2, dispatch });
      expect((await get(first.taskId)).attempts.map(({ number }) => number)).toEqual([1, 2]);
    });

    it('grants a task to one of twenty workers that ask at once', async ({ store, insert, worker, get }) => {
      const { id } = await insert();
      const claimants = await Promise.all(Array.from({ length: 20 }, () => worker()));
      const answers = await Promise.all(claimants.map((claimant) => store.attempts.claim(claimant, id, 1)));
      const kinds = answers.map((answer) => answer.kind);
      expect(kinds.filter((kind) => kind === 'granted')).toHaveLength(1);
      // A row that another claim keeps busy may be put off as well.
      expect(kinds.filter((kind) => kind === 'heldByLive' || kind === 'notYet')).toHaveLength(19);
      const winner = claimants[kinds.indexOf('granted')];
      expect((await get(id)).attempts).toMatchObject([{ number: 1, worker: winner?.worker, outcome: 'running' }]);
    });

    it('agrees with a cancel that comes at the same time', async ({ store, insert, worker, get }) => {
      const claimant = await worker();
      const tasks = await Promise.all(Array.from({ length: 10 }, () => insert()));
      await Promise.all(
        tasks.map(async ({ id }) => {
          const [claim, cancel] = await Promise.all([store.attempts.claim(claimant, id, 1), store.control.cancel(id)]);
          const { state, cancellation, attempts } = await get(id);
          expect(state).toBe(claim.kind === 'granted' ? 'running' : 'cancelled');
          expect(cancel?.kind).toBe(claim.kind === 'granted' ? 'requested' : 'done');
          expect(cancellation).toMatchObject({ outcome: claim.kind === 'granted' ? null : 'acknowledged' });
          expect(attempts).toHaveLength(claim.kind === 'granted' ? 1 : 0);
        }),
      );
    });

    it('gives one attempt to a worker that asks twice at once', async ({ store, insert, worker, get }) => {
      const { id } = await insert();
      const claimant = await worker();
      const answers = await Promise.all([1, 2, 3].map(() => store.attempts.claim(claimant, id, 1)));
      for (const answer of answers) expect(['granted', 'notYet']).toContain(answer.kind);
      const granted = answers.flatMap((answer) => (answer.kind === 'granted' ? [answer.attempt] : []));
      expect(granted.length).toBeGreaterThanOrEqual(1);
      for (const attempt of granted) expect(attempt).toEqual(granted[0]);
      expect((await get(id)).attempts).toHaveLength(1);
    });

    it('answers each of many claims at once for itself', async ({ store, worker }) => {
      const tasks = Array.from({ length: 60 }, (_, n) => newTask({ payload: { n } }));
      await store.records.insert(tasks);
      const claimants = await Promise.all([worker(), worker(), worker()]);
      const answers = await Promise.all(
        tasks.map(({ id }, n) => store.attempts.claim(claimants[n % 3] ?? { worker: '', types: [] }, id, 1)),
      );
      for (const [n, answer] of answers.entries()) {
        const attempt = { taskId: tasks[n]?.id, payload: { n }, worker: claimants[n % 3]?.worker, attempt: 1 };
        expect(answer).toMatchObject({ kind: 'granted', attempt });
      }
    });
  });
}
