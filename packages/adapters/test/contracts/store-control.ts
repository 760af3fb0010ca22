import { isTerminal, taskStates } from '@navette/domain';
import { describe, expect } from 'vitest';
import { newId, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

/** What people ask for. */
export function describeControl(open: OpenStore): void {
  const it = storeCases(open);
  describe('control', () => {
    it('cancels what waits at once', async ({ store, inState, get }) => {
      for (const state of ['scheduled', 'queued', 'retrying'] as const) {
        const id = await inState(state);
        const answer = await store.control.cancel(id);
        const task = await get(id);
        expect(answer).toEqual({ kind: 'done', task: { ...task, attempts: undefined } });
        expect(task).toMatchObject({ state: 'cancelled', cancellation: { outcome: 'acknowledged' } });
        expect(task.cancellation?.requestedAt).toBeInstanceOf(Date);
        expect(task.finishedAt).toBeInstanceOf(Date);
      }
    });

    it('asks what runs to stop, and tells its worker at the next renewal', async ({ store, running, get }) => {
      const { taskId, worker, attempt } = await running();
      expect(await store.control.cancel(taskId)).toMatchObject({ kind: 'requested', task: { state: 'running' } });
      const task = await get(taskId);
      expect(task).toMatchObject({ state: 'running', cancellation: { outcome: null }, finishedAt: null });
      const again = await store.control.cancel(taskId);
      expect(again).toMatchObject({ kind: 'requested', task: { cancellation: task.cancellation } });
      const info = { id: worker, name: 'contract', queues: {}, types: [] };
      const { held } = await store.upkeep.renew(info, 15_000);
      expect(held).toEqual([{ taskId, attempt, cancelRequested: true }]);
    });

    it('takes a second cancel for done, and refuses it for what ended otherwise', async ({ store, inState, get }) => {
      const cancelled = await inState('cancelled');
      const before = await get(cancelled);
      expect(await store.control.cancel(cancelled)).toMatchObject({ kind: 'done', task: { state: 'cancelled' } });
      expect(await get(cancelled)).toEqual(before);
      for (const state of ['completed', 'failed', 'expired'] as const) {
        const id = await inState(state);
        expect(await store.control.cancel(id)).toMatchObject({ kind: 'refused', task: { state, cancellation: null } });
        expect(await get(id)).toMatchObject({ state, cancellation: null });
      }
    });

    it('queues a finished task again as if it were new, and keeps its attempts', async ({
      store,
      running,
      get,
      now,
    }) => {
      const expiresAt = new Date(now().getTime() + 3_600_000);
      const attempt = await running({ expiresAt });
      await store.attempts.progress(attempt, 'half');
      await store.control.cancel(attempt.taskId);
      await store.attempts.settle(attempt, { outcome: 'completed', result: 1 });
      const before = await get(attempt.taskId);
      const answer = await store.control.retry(attempt.taskId);
      const task = await get(attempt.taskId);
      expect(answer).toEqual({ kind: 'done', task: { ...task, attempts: undefined } });
      expect(task).toMatchObject({ state: 'queued', spent: 0, runAt: null, expiresAt: null, finishedAt: null });
      expect(task).toMatchObject({ result: null, error: null, progress: null, cancellation: null });
      expect(task).toMatchObject({ dispatch: before.dispatch + 1, attempt: 1, attempts: before.attempts });
    });

    it('retries what is over, and nothing else', async ({ store, inState, get }) => {
      for (const state of taskStates) {
        const id = await inState(state);
        const before = await get(id);
        const answer = await store.control.retry(id);
        expect(answer?.kind, state).toBe(isTerminal(state) ? 'done' : 'refused');
        if (!isTerminal(state)) expect(await get(id)).toEqual(before);
      }
    });

    it('retries once when asked several times at once', async ({ store, inState, get }) => {
      const id = await inState('failed');
      const { dispatch } = await get(id);
      const answers = await Promise.all([1, 2, 3].map(() => store.control.retry(id)));
      expect(answers.map((answer) => answer?.kind).sort()).toEqual(['done', 'refused', 'refused']);
      expect(await get(id)).toMatchObject({ state: 'queued', dispatch: dispatch + 1 });
    });

    it('makes what waits for its time due now', async ({ store, inState, get, claim }) => {
      for (const state of taskStates) {
        const id = await inState(state);
        const before = await get(id);
        const waits = state === 'scheduled' || state === 'retrying';
        expect((await store.control.promote(id))?.kind, state).toBe(waits ? 'done' : 'refused');
        const task = await get(id);
        if (!waits) expect(task).toEqual(before);
        else expect(task).toMatchObject({ state: 'queued', runAt: null, dispatch: before.dispatch });
        if (waits) await claim(task);
      }
    });

    it('knows nothing of a task that does not exist', async ({ store }) => {
      for (const id of [newId(), 'no-uuid', '']) {
        expect(await store.control.cancel(id)).toBeUndefined();
        expect(await store.control.retry(id)).toBeUndefined();
        expect(await store.control.promote(id)).toBeUndefined();
      }
    });

    it('remembers which queues are paused', async ({ store }) => {
      expect(await store.control.pausedQueues()).toEqual([]);
      for (const queue of ['b', 'a', 'b']) await store.control.setPaused(queue, true);
      expect(await store.control.pausedQueues()).toEqual(['a', 'b']);
      await store.control.setPaused('b', false);
      await store.control.setPaused('never', false);
      expect(await store.control.pausedQueues()).toEqual(['a']);
    });
  });
}
