import { InvalidQueryError, StoreUnavailableError, type TaskFilter, type TasksNews } from '@navette/domain';
import { describe, expect, test, vi } from 'vitest';
import { createNavette, type Navette, type TaskEvents } from '../../src/index.ts';
import { createMemoryBroker } from '../../src/memory/index.ts';
import { createPromise, createStage, type Stage, taskOf } from './stage.ts';

/** Follows tasks, and keeps what is told; `gate` is waited for before each news is taken. */
async function follow(navette: Navette, filter: TaskFilter = {}, after?: string, gate?: () => Promise<void>) {
  const stop = new AbortController();
  const news: TasksNews[] = [];
  const told = await navette.followAll(filter, { after, signal: stop.signal });
  const over = (async () => {
    for await (const each of told) {
      news.push(each);
      await gate?.();
    }
  })();
  const changes = () => news.filter((each) => each.kind !== 'position');
  return {
    over,
    /** Ends it; the id where to go on. */
    stop: async () => {
      stop.abort();
      await over;
      return news.at(-1)?.id ?? '';
    },
    changes,
    states: () => changes().map(({ kind, task }) => (kind === 'progress' ? `progress ${task.progress}` : task.state)),
    ids: () => changes().map(({ task }) => task.id),
    clear: () => void news.splice(0),
  };
}

const nothing = taskOf(() => null);

describe('following all tasks', () => {
  test('tells every change as it happens', async () => {
    const stage = createStage();
    const gate = createPromise<void>();
    const type = taskOf(async (_payload, { progress }) => {
      await gate.promise;
      await progress(1);
      await gate.promise;
    });
    const navette = stage.process([type]);
    const { states, changes, stop } = await follow(navette);
    await stage.system.advance(0);
    const { id } = await navette.submit(type, { text: 'large' });
    await stage.system.advance(10);
    expect(states()).toEqual(['queued']);
    navette.work();
    await stage.system.advance(2_000);
    expect(states()).toEqual(['queued', 'running']);
    gate.resolve();
    await stage.system.advance(2_000);
    expect(states().at(-1)).toBe('completed');
    expect(changes().at(-1)?.task).toMatchObject({ id, state: 'completed', progress: 1 });
    for (const { task } of changes()) expect(Object.keys(task)).not.toContain('payload');
    await stop();
  });

  test('tells progress apart from a new state', async () => {
    const stage = createStage();
    const gates = [createPromise<void>(), createPromise<void>()];
    const type = taskOf(async (_payload, { progress }) => {
      for (const [n, gate] of gates.entries()) {
        await progress(n);
        await gate.promise;
      }
    });
    const navette = stage.process([type]);
    const { states, stop } = await follow(navette, { states: ['running', 'completed'] });
    await stage.system.advance(0);
    await navette.submit(type, null);
    navette.work();
    await stage.system.advance(2_000);
    gates[0]?.resolve();
    await stage.system.advance(10);
    expect(states()).toEqual(['running', 'progress 1']);
    gates[1]?.resolve();
    await stage.system.advance(10);
    expect(states()).toEqual(['running', 'progress 1', 'completed']);
    await stop();
  });

  test('tells each change once while it lasts', async () => {
    const stage = createStage();
    const navette = stage.process([nothing]);
    const { changes, stop } = await follow(navette);
    await stage.system.advance(0);
    navette.work();
    for (let n = 0; n < 20; n++) {
      await navette.submit(nothing, n);
      await stage.system.advance(700);
    }
    const versions = changes().map(({ task }) => `${task.id} ${task.version}`);
    expect(new Set(versions).size).toBe(versions.length);
    expect(changes().filter(({ task }) => task.state === 'completed')).toHaveLength(20);
    await stop();
  });

  test('tells only what the filter finds', async () => {
    const stage = createStage();
    const navette = stage.process([nothing]);
    const tagged = await follow(navette, { tag: 'customer:42' });
    const cancelled = await follow(navette, { states: ['cancelled'] });
    await stage.system.advance(0);
    const { id } = await navette.submit(nothing, 1, { tags: ['customer:42'] });
    const other = await navette.submit(nothing, 1);
    await stage.system.advance(10);
    await navette.cancel(other.id);
    await stage.system.advance(10);
    expect([tagged.ids(), cancelled.ids()]).toEqual([[id], [other.id]]);
    await tagged.stop();
    await cancelled.stop();
  });

  test('goes on after a break without a gap', async () => {
    const stage = createStage();
    const navette = stage.process([nothing]);
    let after: string | undefined;
    const ids: string[] = [];
    const told = new Set<string>();
    for (let n = 0; n < 10; n++) {
      const { ids: known, stop } = await follow(navette, {}, after);
      await stage.system.advance(n % 2 === 0 ? 3_000 : 0);
      ids.push((await navette.submit(nothing, n)).id);
      await stage.system.advance(n * 5);
      after = await stop();
      for (const id of known()) told.add(id);
      ids.push((await navette.submit(nothing, n)).id);
    }
    const { ids: last, stop } = await follow(navette, {}, after);
    await stage.system.advance(0);
    for (const id of last()) told.add(id);
    expect([...told].sort()).toEqual(ids.sort());
    await stop();
  });

  test('misses nothing although events are lost, within two seconds', async () => {
    const stage = createStage();
    const navette = deaf(stage);
    const elsewhere = stage.process([nothing]);
    const { states, stop } = await follow(navette);
    await stage.system.advance(0);
    const { id } = await elsewhere.submit(nothing, 1);
    await stage.system.advance(2_000);
    await elsewhere.cancel(id);
    await stage.system.advance(2_000);
    expect(states()).toEqual(['queued', 'cancelled']);
    await stop();
  });

  test('keeps nothing for who does not take it, and tells it later', async () => {
    const stage = createStage();
    const navette = stage.process([nothing]);
    const gate = createPromise<void>();
    const slow = await follow(navette, {}, undefined, () => gate.promise);
    await stage.system.advance(0);
    const ids: string[] = [];
    for (let n = 0; n < 2_500; n++) ids.push((await navette.submit(nothing, n)).id);
    await stage.system.advance(10_000);
    const changes = vi.spyOn(stage.store.feed, 'changes');
    gate.resolve();
    await vi.waitFor(() => expect(new Set(slow.ids()).size).toBe(2_500));
    expect(changes).toHaveBeenCalled();
    expect([...new Set(slow.ids())].sort()).toEqual(ids.sort());
    await slow.stop();
  });

  test('waits for a store that is away', async () => {
    const stage = createStage();
    let away = false;
    const navette = stage.process([nothing], ({ feed }) => ({
      feed: {
        ...feed,
        summaries: async (ids) => (away ? Promise.reject(new StoreUnavailableError('away')) : feed.summaries(ids)),
        position: async () => (away ? Promise.reject(new StoreUnavailableError('away')) : feed.position()),
        changes: async (...args) => (away ? Promise.reject(new StoreUnavailableError('away')) : feed.changes(...args)),
      },
    }));
    const { ids, stop } = await follow(navette);
    await stage.system.advance(0);
    away = true;
    const { id } = await navette.submit(nothing, 1);
    await stage.system.advance(10_000);
    expect(ids()).toEqual([]);
    await expect(navette.followAll()).rejects.toThrow(StoreUnavailableError);
    away = false;
    await stage.system.advance(2_000);
    expect(ids()).toEqual([id]);
    await stop();
  });

  test('reads nothing while nobody follows', async () => {
    const stage = createStage();
    const navette = stage.process([nothing]);
    const { stop } = await follow(navette);
    await stage.system.advance(0);
    await stop();
    const spies = (['summaries', 'changes', 'position'] as const).map((name) => vi.spyOn(stage.store.feed, name));
    await navette.submit(nothing, 1);
    await stage.system.advance(20_000);
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    const again = await follow(navette);
    await stage.system.advance(0);
    const { id } = await navette.submit(nothing, 1);
    await stage.system.advance(10);
    expect(again.ids()).toEqual([id]);
    await again.stop();
  });

  test('takes no id that it did not make', async () => {
    const navette = createStage().process([nothing]);
    await expect(navette.followAll({}, { after: 'x' })).rejects.toThrow(InvalidQueryError);
  });
});

/** A process that hears no event. */
function deaf({ store, system }: Stage): Navette {
  const events: TaskEvents = { publish: () => {}, subscribe: async () => () => {}, close: async () => {} };
  return createNavette({ store, broker: createMemoryBroker({ store }), events, system, tasks: [nothing] });
}
