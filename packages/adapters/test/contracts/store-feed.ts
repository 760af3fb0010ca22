import { InvalidQueryError, type TaskFeed, type TaskFilter, type TaskSummary } from '@navette/domain';
import { describe, expect } from 'vitest';
import { eventually } from '../eventually.ts';
import { failure, newId, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

/** Everything that changed since a position, read in pages of two. */
async function changesSince(feed: TaskFeed, after: string, filter: TaskFilter = {}): Promise<TaskSummary[]> {
  const all: TaskSummary[] = [];
  let cursor: string | null = null;
  do {
    const page = await feed.changes(after, filter, 2, cursor);
    expect(page.tasks.length).toBeLessThanOrEqual(2);
    all.push(...page.tasks);
    cursor = page.next;
  } while (cursor);
  return all;
}

/** A position before which everything is over. Somebody's open transaction, even in another database, delays it. */
async function calmPosition(feed: TaskFeed): Promise<string> {
  let position = '';
  await eventually(async () => {
    position = await feed.position();
    expect(await changesSince(feed, position)).toEqual([]);
  });
  return position;
}

/** What has changed, for those who follow it. */
export function describeFeed(open: OpenStore): void {
  const it = storeCases(open);
  describe('feed', () => {
    it('tells how far a task has come', async ({ store, running, get }) => {
      const attempt = await running();
      const { version } = await get(attempt.taskId);
      expect(await store.feed.standing(attempt.taskId)).toEqual({ state: 'running', version, logSeq: 0 });
      await store.attempts.log(attempt, ['one', 'two']);
      const { items } = await store.attempts.logs(attempt.taskId, { limit: 10 });
      const logSeq = items.at(-1)?.seq;
      expect(await store.feed.standing(attempt.taskId)).toEqual({ state: 'running', version, logSeq });
      await store.attempts.settle(attempt, { outcome: 'completed', result: null });
      const ended = await store.feed.standing(attempt.taskId);
      expect(ended).toMatchObject({ state: 'completed', logSeq });
      expect(ended?.version).toBeGreaterThan(version);
      for (const id of [newId(), 'no-uuid']) expect(await store.feed.standing(id)).toBeUndefined();
    });

    it('tells it of many at once', async ({ store, insert }) => {
      const ids = await Promise.all(Array.from({ length: 30 }, async () => (await insert()).id));
      const standings = await Promise.all([...ids, ...ids].map((id) => store.feed.standing(id)));
      for (const standing of standings) expect(standing).toEqual({ state: 'queued', version: 1, logSeq: 0 });
    });

    it('gives a task whole with the end of its log', async ({ store, running, insert, get }) => {
      const attempt = await running();
      await store.attempts.log(attempt, ['one', 'two']);
      const { items } = await store.attempts.logs(attempt.taskId, { limit: 10 });
      const other = await insert();
      const [running1, running2, unlogged] = await Promise.all(
        [attempt.taskId, attempt.taskId, other.id].map((id) => store.feed.taskWithLog(id)),
      );
      expect(running1).toEqual({ task: await get(attempt.taskId), logSeq: items.at(-1)?.seq });
      expect(running2).toEqual(running1);
      expect(unlogged).toEqual({ task: await get(other.id), logSeq: 0 });
      for (const id of [newId(), 'no-uuid']) expect(await store.feed.taskWithLog(id)).toBeUndefined();
    });

    it('gives tasks without what may be large', async ({ store, inState, get }) => {
      const id = await inState('completed', { tags: ['a'] });
      const { payload: _payload, result: _result, attempts: _attempts, ...summary } = await get(id);
      expect(await store.feed.summaries([id, newId(), 'no-uuid'])).toEqual([summary]);
      expect(await store.feed.summaries([])).toEqual([]);
    });

    it('gives the lines of a log after one that is known', async ({ store, running }) => {
      const attempt = await running();
      await store.attempts.log(attempt, ['one', 'two', 'three', 'four']);
      const { items } = await store.attempts.logs(attempt.taskId, { limit: 1 });
      const rest = await store.attempts.logs(attempt.taskId, { limit: 2, after: items[0]?.seq });
      expect(rest.items.map(({ message }) => message)).toEqual(['two', 'three']);
      const last = await store.attempts.logs(attempt.taskId, { limit: 2, cursor: rest.nextCursor ?? '' });
      expect(last.items.map(({ message }) => message)).toEqual(['four']);
    });

    it('finds every change since a position, and nothing from long before', async (scene) => {
      const { store, inState, insert, advance } = scene;
      const before = [await inState('completed'), await inState('queued'), await inState('scheduled')];
      // Of what ended within the last second it may be taken as not sure that it is known.
      await advance(3_000);
      const position = await calmPosition(store.feed);
      const ids = [];
      for (const state of ['scheduled', 'queued', 'running', 'retrying', 'completed', 'failed', 'cancelled'] as const) {
        ids.push(await inState(state));
      }
      ids.push((await insert()).id);
      const found = await changesSince(store.feed, position);
      expect(found.map(({ id }) => id).sort()).toEqual(ids.sort());
      for (const id of before) expect(found).not.toContainEqual(expect.objectContaining({ id }));
    });

    it('finds a task as it is now, once, however often it changed', async ({ store, running, claim, get }) => {
      const attempt = await running();
      const position = await store.feed.position();
      await store.attempts.progress(attempt, 1);
      await store.attempts.progress(attempt, 2);
      expect(await changesSince(store.feed, position)).toMatchObject([{ id: attempt.taskId, progress: 2 }]);
      await store.attempts.settle(attempt, { outcome: 'interrupted' });
      await claim(await get(attempt.taskId));
      expect(await changesSince(store.feed, position)).toMatchObject([{ id: attempt.taskId, attempt: 2 }]);
      await store.control.cancel(attempt.taskId);
      const [task] = await changesSince(store.feed, position);
      expect(task?.cancellation).toMatchObject({ outcome: null });
      await calmPosition(store.feed);
    });

    it('finds what people and stewards move', async ({ store, recoverLost, inState, running, advance }) => {
      const retried = await inState('completed');
      const promoted = await inState('scheduled');
      const due = await inState('scheduled');
      const { taskId: lost } = await running();
      await advance(90_000);
      const position = await store.feed.position();
      await store.control.retry(retried);
      await store.control.promote(promoted);
      await store.upkeep.promoteDue(10);
      await recoverLost(10);
      const found = await changesSince(store.feed, position);
      expect(found.map(({ id, state }) => [id, state]).sort()).toEqual(
        [retried, promoted, due, lost].map((id) => [id, 'queued']).sort(),
      );
    });

    it('finds a task that was confirmed since, too', async ({ store, insert }) => {
      const position = await store.feed.position();
      const { id, dispatch, queue, priority } = await insert();
      await store.ledger.confirm([{ taskId: id, dispatch, queue, priority }]);
      expect(await changesSince(store.feed, position)).toMatchObject([{ id }]);
    });

    it('finds only what the filter finds', async ({ store, inState, now }) => {
      const position = await store.feed.position();
      const tagged = await inState('completed', { tags: ['a', 'b'], queue: 'one' });
      const failed = await inState('failed', { queue: 'two' });
      const waiting = await inState('queued', { tags: ['b'], type: 'contract.other' });
      const find = async (filter: TaskFilter) => (await changesSince(store.feed, position, filter)).map(({ id }) => id);
      expect(await find({ states: ['failed', 'queued'] })).toEqual([failed, waiting]);
      expect(await find({ states: ['queued'] })).toEqual([waiting]);
      expect(await find({ states: [] })).toEqual([]);
      expect(await find({ queue: 'one' })).toEqual([tagged]);
      expect(await find({ type: 'contract.other' })).toEqual([waiting]);
      expect(await find({ tag: 'b' })).toEqual([tagged, waiting]);
      expect(await find({ tag: 'b', queue: 'two' })).toEqual([]);
      expect(await find({ errorCode: failure.code })).toEqual([failed]);
      for (const [from, until, found] of [
        [-3_600_000, 3_600_000, [tagged, failed]],
        [3_600_000, 7_200_000, []],
      ] as const) {
        const [finishedAfter, finishedBefore] = [from, until].map((ms) => new Date(now().getTime() + ms));
        expect(await find({ finishedAfter, finishedBefore })).toEqual(found);
      }
      expect(await find({ submittedBefore: new Date(now().getTime() - 3_600_000) })).toEqual([]);
      expect(await find({ submittedAfter: new Date(now().getTime() - 3_600_000) })).toEqual([tagged, failed, waiting]);
      expect(await find({ type: 'zero \u0000' })).toEqual([]);
    });

    it('refuses a position or cursor that it did not make', async ({ store }) => {
      const position = await store.feed.position();
      for (const after of ['', 'x', '-1', '12', `${position}!`, btoa('{}')]) {
        const refusal = await store.feed.changes(after, {}, 5).catch((error: unknown) => error);
        expect(refusal, after).toBeInstanceOf(InvalidQueryError);
        expect(refusal).toMatchObject({ parameter: 'after' });
      }
      await expect(store.feed.changes(position, {}, 5, 'x')).rejects.toMatchObject({ parameter: 'cursor' });
    });
  });
}
