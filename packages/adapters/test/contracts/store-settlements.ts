import type { Settlement } from '@navette/domain';
import { describe, expect } from 'vitest';
import { failure, leaseMs, newId, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

const completed: Settlement = { outcome: 'completed', result: { z: 1, a: [2] } };
const failed: Settlement = { outcome: 'failed', error: failure, next: 'failed' };
const timedOut: Settlement = {
  outcome: 'timed_out',
  error: { code: 'timed_out', message: 'too slow' },
  next: 'failed',
};
const retrying: Settlement = { outcome: 'failed', error: failure, next: 'retrying', delayMs: 60_000 };
const interrupted: Settlement = { outcome: 'interrupted' };
const acknowledged: Settlement = { outcome: 'cancelled', cancellation: 'acknowledged' };

/** Ending an attempt. */
export function describeSettlements(open: OpenStore): void {
  const it = storeCases(open);
  describe('settlements', () => {
    it('completes a task', async ({ store, running, get }) => {
      const attempt = await running();
      const answer = await store.attempts.settle(attempt, completed);
      expect(answer).toEqual({ kind: 'settled', state: 'completed' });
      const task = await get(attempt.taskId);
      expect(task).toMatchObject({ state: 'completed', error: null, spent: 1, attempt: 1 });
      expect(JSON.stringify(task.result)).toBe('{"z":1,"a":[2]}');
      expect(task.finishedAt).toBeInstanceOf(Date);
      expect(task.attempts).toMatchObject([{ number: 1, outcome: 'completed', error: null }]);
      expect(task.attempts[0]?.finishedAt).toBeInstanceOf(Date);
    });

    for (const settlement of [failed, timedOut] as const) {
      it(`fails a task for good: ${settlement.outcome}`, async ({ store, running, get }) => {
        const attempt = await running();
        expect(await store.attempts.settle(attempt, settlement)).toMatchObject({ kind: 'settled', state: 'failed' });
        const { outcome, error } = settlement as { outcome: string; error: object };
        const task = await get(attempt.taskId);
        expect(task).toMatchObject({ state: 'failed', error, result: null, spent: 1 });
        expect(task.finishedAt).toBeInstanceOf(Date);
        expect(task.attempts).toMatchObject([{ outcome, error }]);
      });
    }

    it('puts a failed task back for another attempt after the delay', async ({ store, running, get }) => {
      const attempt = await running();
      const answer = await store.attempts.settle(attempt, retrying);
      expect(answer).toEqual({ kind: 'settled', state: 'retrying', dispatch: attempt.dispatch + 1 });
      const task = await get(attempt.taskId);
      expect(task).toMatchObject({ state: 'retrying', dispatch: 2, spent: 1, error: failure, finishedAt: null });
      const [ended] = task.attempts;
      expect(ended).toMatchObject({ outcome: 'failed', error: failure });
      expect(Math.abs(Number(task.runAt) - Number(ended?.finishedAt) - 60_000)).toBeLessThan(1_000);
    });

    it('hands back an interrupted task at once, uncounted', async ({ store, running, get }) => {
      const attempt = await running();
      const answer = await store.attempts.settle(attempt, interrupted);
      expect(answer).toEqual({ kind: 'settled', state: 'queued', dispatch: attempt.dispatch + 1 });
      const task = await get(attempt.taskId);
      expect(task).toMatchObject({ state: 'queued', dispatch: 2, spent: 0, error: null, finishedAt: null });
      expect(task.attempts).toMatchObject([{ outcome: 'interrupted', error: null }]);
    });

    it('clears the error when a later attempt completes', async ({ store, running, claim, get }) => {
      const first = await running();
      await store.attempts.settle(first, retrying);
      await store.control.promote(first.taskId);
      const second = await claim(await get(first.taskId));
      expect(second).toMatchObject({ attempt: 2, spent: 1 });
      await store.attempts.settle(second, completed);
      const task = await get(first.taskId);
      expect(task).toMatchObject({ state: 'completed', error: null, spent: 2 });
      expect(task.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'completed']);
    });

    for (const cancellation of ['acknowledged', 'ignored'] as const) {
      it(`ends a task that was asked to stop: ${cancellation}`, async ({ store, running, get }) => {
        const attempt = await running();
        await store.control.cancel(attempt.taskId);
        const answer = await store.attempts.settle(attempt, { outcome: 'cancelled', cancellation });
        expect(answer).toMatchObject({ kind: 'settled', state: 'cancelled' });
        const task = await get(attempt.taskId);
        expect(task).toMatchObject({ state: 'cancelled', cancellation: { outcome: cancellation }, spent: 0 });
        expect(task.finishedAt).toBeInstanceOf(Date);
        expect(task.attempts).toMatchObject([{ outcome: 'cancelled', error: null }]);
      });
    }

    it('takes a cancelled attempt that nobody asked to cancel for a hand-back', async ({ store, running, get }) => {
      const attempt = await running();
      expect(await store.attempts.settle(attempt, acknowledged)).toMatchObject({ state: 'queued', dispatch: 2 });
      const task = await get(attempt.taskId);
      expect(task).toMatchObject({ state: 'queued', cancellation: null, spent: 0 });
      expect(task.attempts).toMatchObject([{ outcome: 'interrupted' }]);
    });

    for (const settlement of [retrying, interrupted]) {
      it(`ends what would stay open though it was to be cancelled: ${settlement.outcome}`, async ({
        store,
        running,
        get,
      }) => {
        const attempt = await running();
        await store.control.cancel(attempt.taskId);
        const answer = await store.attempts.settle(attempt, settlement);
        expect(answer).toMatchObject({ kind: 'settled', state: 'cancelled' });
        const task = await get(attempt.taskId);
        expect(task).toMatchObject({ state: 'cancelled', cancellation: { outcome: 'acknowledged' } });
        expect(task.finishedAt).toBeInstanceOf(Date);
        expect(task.attempts).toMatchObject([{ outcome: settlement.outcome }]);
      });
    }

    for (const settlement of [completed, failed, timedOut]) {
      it(`notes that a cancel came too late: ${settlement.outcome}`, async ({ store, running, get }) => {
        const attempt = await running();
        await store.control.cancel(attempt.taskId);
        await store.attempts.settle(attempt, settlement);
        const state = settlement === completed ? 'completed' : 'failed';
        expect(await get(attempt.taskId)).toMatchObject({ state, cancellation: { outcome: 'too_late' } });
      });
    }

    it('gives the stored answer when asked again, and writes nothing', async ({ store, running, get }) => {
      for (const settlement of [completed, failed, retrying, interrupted]) {
        const attempt = await running();
        const answer = await store.attempts.settle(attempt, settlement);
        const before = await get(attempt.taskId);
        expect(await store.attempts.settle(attempt, settlement)).toEqual(answer);
        const other = settlement === completed ? failed : completed;
        expect(await store.attempts.settle(attempt, other)).toEqual(answer);
        expect(await get(attempt.taskId)).toEqual(before);
      }
    });

    it('settles once when asked twice at once', async ({ store, running, get }) => {
      const attempt = await running();
      const answers = await Promise.all([retrying, retrying, retrying].map((s) => store.attempts.settle(attempt, s)));
      for (const answer of answers) expect(answer).toEqual({ kind: 'settled', state: 'retrying', dispatch: 2 });
      const task = await get(attempt.taskId);
      expect(task).toMatchObject({ spent: 1, dispatch: 2 });
      expect(task.attempts).toHaveLength(1);
    });

    it('takes nothing from a stranger', async ({ store, running, inState, get }) => {
      const attempt = await running();
      const before = await get(attempt.taskId);
      const strangers = [
        { worker: newId() },
        { attempt: 2 },
        { attempt: 0 },
        { taskId: newId() },
        { taskId: 'no-uuid' },
      ];
      for (const stranger of strangers) {
        expect(await store.attempts.settle({ ...attempt, ...stranger }, completed)).toEqual({ kind: 'superseded' });
      }
      const waiting = { taskId: await inState('queued'), attempt: 1, worker: attempt.worker };
      expect(await store.attempts.settle(waiting, completed)).toEqual({ kind: 'superseded' });
      expect(await get(attempt.taskId)).toEqual(before);
    });

    it('hands back for later, uncounted, unless it is to be cancelled', async ({ store, running, advance, get }) => {
      const later: Settlement = { outcome: 'interrupted', delayMs: 60_000 };
      const attempt = await running();
      const answer = { kind: 'settled', state: 'retrying', dispatch: 2 };
      expect(await store.attempts.settle(attempt, later)).toEqual(answer);
      expect(await store.attempts.settle(attempt, later)).toEqual(answer);
      const task = await get(attempt.taskId);
      expect(task).toMatchObject({ state: 'retrying', spent: 0, error: null, finishedAt: null });
      expect(task.attempts).toMatchObject([{ outcome: 'interrupted', error: null }]);
      expect((await store.upkeep.promoteDue(500)).promoted).toEqual([]);
      await advance(60_001);
      expect((await store.upkeep.promoteDue(500)).promoted).toMatchObject([{ taskId: attempt.taskId }]);
      const unwanted = await running();
      await store.control.cancel(unwanted.taskId);
      expect(await store.attempts.settle(unwanted, later)).toMatchObject({ state: 'cancelled' });
      expect(await get(unwanted.taskId)).toMatchObject({ cancellation: { outcome: 'acknowledged' } });
    });

    it('never lets a late result overwrite a newer attempt', async ({
      store,
      recoverLost,
      running,
      claim,
      advance,
      get,
    }) => {
      const late = await running();
      await advance(leaseMs + 1);
      await recoverLost(500);
      expect(await store.attempts.settle(late, completed)).toEqual({ kind: 'superseded' });
      const newer = await claim(await get(late.taskId));
      expect(await store.attempts.settle(late, completed)).toEqual({ kind: 'superseded' });
      await store.attempts.settle(newer, { outcome: 'completed', result: 'newer' });
      expect(await store.attempts.settle(late, completed)).toEqual({ kind: 'superseded' });
      const task = await get(late.taskId);
      expect(task).toMatchObject({ state: 'completed', result: 'newer' });
      expect(task.attempts.map(({ outcome }) => outcome)).toEqual(['lost', 'completed']);
    });

    it('agrees with a cancel that comes at the same time', async ({ store, running, get }) => {
      const attempts = await Promise.all(Array.from({ length: 12 }, () => running()));
      await Promise.all(
        attempts.map(async (attempt, n) => {
          const [answer, control] = await Promise.all(
            n % 2 === 0
              ? [store.attempts.settle(attempt, completed), store.control.cancel(attempt.taskId)]
              : [
                  store.control.cancel(attempt.taskId).then(() => store.attempts.settle(attempt, completed)),
                  store.control.cancel(attempt.taskId),
                ],
          );
          const task = await get(attempt.taskId);
          expect(answer).toMatchObject({ kind: 'settled', state: 'completed' });
          expect(task.state).toBe('completed');
          if (n % 2 === 0 && control?.kind === 'refused') expect(task.cancellation).toBeNull();
          else expect(task.cancellation).toMatchObject({ outcome: 'too_late' });
        }),
      );
    });

    it('answers each of many, whatever became of the others', async ({ store, running }) => {
      const [before, now, retried, foreign] = await Promise.all([running(), running(), running(), running()]);
      await store.attempts.settle(before, completed);
      const answers = await Promise.all([
        store.attempts.settle(before, completed),
        store.attempts.settle(now, completed),
        store.attempts.settle(retried, retrying),
        store.attempts.settle({ ...foreign, worker: newId() }, completed),
        store.attempts.settle({ ...foreign, taskId: newId() }, retrying),
      ]);
      expect(answers).toEqual([
        { kind: 'settled', state: 'completed' },
        { kind: 'settled', state: 'completed' },
        { kind: 'settled', state: 'retrying', dispatch: 2 },
        { kind: 'superseded' },
        { kind: 'superseded' },
      ]);
    });

    it('settles many at once, each for itself', async ({ store, running, get }) => {
      const attempts = await Promise.all(Array.from({ length: 40 }, () => running()));
      const settlements = attempts.map((_, n): Settlement => {
        if (n % 4 === 0) return { outcome: 'completed', result: { n } };
        return [failed, retrying, interrupted][n % 3] ?? failed;
      });
      const answers = await Promise.all(
        attempts.map((attempt, n) => store.attempts.settle(attempt, settlements[n] ?? failed)),
      );
      for (const [n, attempt] of attempts.entries()) {
        const task = await get(attempt.taskId);
        const dispatch = task.finishedAt ? undefined : task.dispatch;
        expect(answers[n]).toEqual({ kind: 'settled', state: task.state, dispatch });
        expect(task.attempts).toMatchObject([{ outcome: settlements[n]?.outcome }]);
        if (n % 4 === 0) expect(task.result).toEqual({ n });
      }
    });
  });
}
