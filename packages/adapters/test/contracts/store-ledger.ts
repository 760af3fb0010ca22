import type { Dispatch, Priority, Task } from '@navette/domain';
import { describe, expect } from 'vitest';
import { newTask, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

const handOver = ({ id, dispatch, queue, priority }: Task): Dispatch => ({ taskId: id, dispatch, queue, priority });

/** What is remembered of hand-overs, and in which order tasks stand. */
export function describeLedger(open: OpenStore): void {
  const it = storeCases(open);
  describe('ledger', () => {
    it('lists the queued by priority, then by their entry into the queue', async ({ store, insert }) => {
      const given: Priority[] = ['bulk', 'normal', 'critical', 'low', 'normal', 'high', 'critical'];
      const tasks: Task[] = [];
      for (const priority of given) tasks.push(await insert({ priority }));
      const order = [2, 6, 5, 1, 4, 3, 0].map((n) => handOver(tasks[n] as Task));
      expect(await store.ledger.queued(null, 100)).toEqual({ dispatches: order, cursor: null });
    });

    it('keeps the order of one call', async ({ store }) => {
      const tasks = Array.from({ length: 20 }, () => newTask());
      await store.records.insert(tasks);
      const { dispatches } = await store.ledger.queued(null, 100);
      expect(dispatches.map(({ taskId }) => taskId)).toEqual(tasks.map(({ id }) => id));
    });

    it('puts what enters the queue again behind its level', async ({ store, insert, inState, claim, advance }) => {
      const scheduled = await inState('scheduled');
      const retried = await inState('completed');
      const first = await insert();
      const handedBack = await claim(await insert());
      const low = await insert({ priority: 'low' });
      const last = await insert();
      await store.attempts.settle(handedBack, { outcome: 'interrupted' });
      await store.control.retry(retried);
      await advance(60_001);
      await store.upkeep.promoteDue(500);
      const { dispatches } = await store.ledger.queued(null, 100);
      const order = [first.id, last.id, handedBack.taskId, retried, scheduled, low.id];
      expect(dispatches.map(({ taskId }) => taskId)).toEqual(order);
    });

    it('goes through the queued page by page', async ({ store }) => {
      const levels: Priority[] = ['normal', 'low'];
      await store.records.insert(Array.from({ length: 11 }, (_, n) => newTask({ priority: levels[n % 2] })));
      const { dispatches: all } = await store.ledger.queued(null, 100);
      const seen: Dispatch[] = [];
      let cursor: string | null = null;
      do {
        const page: { dispatches: Dispatch[]; cursor: string | null } = await store.ledger.queued(cursor, 4);
        seen.push(...page.dispatches);
        cursor = page.cursor;
      } while (cursor !== null && seen.length < 100);
      expect(seen).toEqual(all);
    });

    it('lists what stands unconfirmed too long, by priority', async ({ store, insert, inState, advance }) => {
      const normal = await insert();
      const high = await insert({ priority: 'high' });
      for (const state of ['scheduled', 'running', 'retrying', 'completed'] as const) await inState(state);
      expect(await store.ledger.unconfirmed(5_000, 100)).toEqual([]);
      await advance(5_001);
      await insert({ priority: 'critical' });
      expect(await store.ledger.unconfirmed(5_000, 100)).toEqual([handOver(high), handOver(normal)]);
      expect(await store.ledger.unconfirmed(5_000, 1)).toEqual([handOver(high)]);
    });

    it('forgets what is confirmed until it is handed over anew', async ({ store, insert, claim, advance, get }) => {
      const [task, other] = [await insert(), await insert()];
      await advance(5_001);
      await store.ledger.confirm([handOver(task)]);
      expect(await store.ledger.unconfirmed(5_000, 100)).toEqual([handOver(other)]);
      const attempt = await claim(task);
      await store.attempts.settle(attempt, { outcome: 'interrupted' });
      expect(await store.ledger.unconfirmed(5_000, 100)).toEqual([handOver(other)]);
      await advance(5_001);
      const open = await store.ledger.unconfirmed(5_000, 100);
      expect(open).toEqual([handOver(other), handOver(await get(task.id))]);
    });

    it('does not confirm a hand-over by an older one', async ({ store, insert, claim, advance, get }) => {
      const task = await insert();
      await store.attempts.settle(await claim(task), { outcome: 'interrupted' });
      await advance(5_001);
      await store.ledger.confirm([handOver(task)]);
      expect(await store.ledger.unconfirmed(5_000, 100)).toEqual([handOver(await get(task.id))]);
    });

    it('gives what is still queued under that number the next one', async ({
      store,
      insert,
      inState,
      advance,
      get,
    }) => {
      const [lost, moved, over] = [await insert(), await insert(), await get(await inState('completed'))];
      await advance(5_001);
      const older = { ...handOver(moved), dispatch: moved.dispatch - 1 };
      const renewed = await store.ledger.redispatch([handOver(lost), older, handOver(over)]);
      expect(renewed).toEqual([{ ...handOver(lost), dispatch: 2 }]);
      expect(await get(lost.id)).toMatchObject({ state: 'queued', dispatch: 2 });
      expect((await get(moved.id)).dispatch).toBe(1);
      expect(await store.ledger.unconfirmed(5_000, 100)).toEqual([handOver(moved)]);
      expect(await store.ledger.redispatch([handOver(lost)])).toEqual([]);
    });

    it('keeps its place in the queue when it is handed over again', async ({ store, insert }) => {
      const [first, second] = [await insert(), await insert()];
      await store.ledger.redispatch([handOver(first)]);
      const { dispatches } = await store.ledger.queued(null, 100);
      expect(dispatches).toEqual([{ ...handOver(first), dispatch: 2 }, handOver(second)]);
    });

    it('remembers the life of the broker and how far its check has come', async ({ store }) => {
      expect(await store.ledger.brokerMark()).toEqual({ epoch: null, checking: null });
      const marks = [
        { epoch: null, checking: { epoch: 'one', cursor: null } },
        { epoch: 'one', checking: { epoch: 'two', cursor: 'a/b"c' } },
        { epoch: 'two', checking: null },
      ];
      for (const mark of marks) {
        await store.ledger.saveBrokerMark(mark);
        expect(await store.ledger.brokerMark()).toEqual(mark);
      }
    });
  });
}
