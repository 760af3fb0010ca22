import { InvalidQueryError, StoreUnavailableError, type TaskNews, TaskNotFoundError } from '@navette/domain';
import { describe, expect, test, vi } from 'vitest';
import { createNavette, type Navette, type TaskEvents } from '../../src/index.ts';
import { createMemoryBroker } from '../../src/memory/index.ts';
import { createPromise, createStage, type Stage, taskOf } from './stage.ts';

/** Follows a task, and keeps what is told. */
async function follow(navette: Navette, taskId: string, after?: string) {
  const stop = new AbortController();
  const news: TaskNews[] = [];
  const told = (await navette.follow(taskId, { after, signal: stop.signal })) ?? [];
  const over = (async () => {
    for await (const each of told) news.push(each);
  })();
  return { news, over, stop: () => stop.abort(), told: () => news.map(textOf), ids: () => news.map(({ id }) => id) };
}

function textOf(news: TaskNews): string {
  if (news.kind === 'log') return `log ${news.line.message}`;
  return news.kind === 'progress' ? `progress ${JSON.stringify(news.value)}` : news.task.state;
}

/** Logs and reports step by step, as the test lets it. */
function stepwise(stage: Stage) {
  const gates = Array.from({ length: 3 }, () => createPromise<void>());
  const type = taskOf(async (_payload, { log, progress }) => {
    for (const [n, gate] of gates.entries()) {
      await gate.promise;
      await log(`step ${n}`);
      await progress({ done: n + 1, total: 3 });
    }
    return 'done';
  });
  let steps = 0;
  const step = async () => {
    gates[steps++]?.resolve();
    await stage.system.advance(0);
  };
  return { type, step };
}

describe('following a task', () => {
  test('tells its present state, then what happens, to its end', async () => {
    const stage = createStage();
    const { type, step } = stepwise(stage);
    const navette = stage.process([type]);
    const { id } = await navette.submit(type, null);
    const { told, over, news } = await follow(navette, id);
    await stage.system.advance(0);
    expect(told()).toEqual(['queued']);
    navette.work();
    await stage.system.advance(1_000);
    expect(told()).toEqual(['queued', 'running']);
    await step();
    expect(told().slice(2)).toEqual(['log step 0', 'progress {"done":1,"total":3}']);
    await step();
    await step();
    await over;
    expect(told().slice(4, 7)).toEqual(['log step 1', 'progress {"done":2,"total":3}', 'log step 2']);
    expect(news.at(-1)).toMatchObject({ kind: 'state', task: { state: 'completed', result: 'done', attempts: [{}] } });
  });

  test('goes on after any of its ids, with what came after it and nothing else', async () => {
    const stage = createStage();
    const { type, step } = stepwise(stage);
    const navette = stage.process([type]);
    const { id } = await navette.submit(type, null);
    const whole = await follow(navette, id);
    navette.work();
    await stage.system.advance(1_000);
    for (let n = 0; n < 3; n++) await step();
    await whole.over;
    for (const [n, after] of whole.ids().slice(0, -1).entries()) {
      const { told, over } = await follow(navette, id, after);
      await over;
      // Of several changes the newest is told.
      const lines = whole
        .told()
        .slice(n + 1)
        .filter((text) => text.startsWith('log'));
      expect(told(), after).toEqual([...lines, 'completed']);
    }
    expect(await navette.follow(id, { after: whole.ids().at(-1) })).toBeUndefined();
    await navette.retry(id);
    const again = await follow(navette, id, whole.ids().at(-1));
    await stage.system.advance(1_000);
    await again.over;
    expect(again.told().at(-1)).toBe('completed');
  });

  test('tells a task that has ended by its end alone', async () => {
    const stage = createStage();
    const type = taskOf(async (_payload, { log }) => log('said'));
    const navette = stage.process([type]);
    const { id } = await navette.submit(type, null);
    navette.work();
    await stage.system.advance(1_000);
    const { told, over } = await follow(navette, id);
    await over;
    expect(told()).toEqual(['completed']);
  });

  test('tells what was logged before to somebody who comes later', async () => {
    const stage = createStage();
    const { type, step } = stepwise(stage);
    const navette = stage.process([type]);
    const { id } = await navette.submit(type, null);
    navette.work();
    await stage.system.advance(1_000);
    await step();
    await step();
    const { told, stop } = await follow(navette, id);
    await stage.system.advance(0);
    expect(told()).toEqual(['running', 'log step 0', 'log step 1']);
    stop();
  });

  test('tells a cancel that is asked for', async () => {
    const stage = createStage();
    const { type } = stepwise(stage);
    const navette = stage.process([type]);
    const { id } = await navette.submit(type, null);
    navette.work({ graceMs: 60_000 });
    await stage.system.advance(1_000);
    const { news, stop } = await follow(navette, id);
    await stage.system.advance(0);
    await navette.cancel(id);
    await stage.system.advance(0);
    expect(news.at(-1)).toMatchObject({ kind: 'state', task: { state: 'running', cancellation: { outcome: null } } });
    stop();
  });

  test('misses nothing although events are lost', async () => {
    const stage = createStage();
    const { type, step } = stepwise(stage);
    const navette = deaf(stage, type);
    const { id } = await navette.submit(type, null);
    const { told, over } = await follow(navette, id);
    navette.work();
    for (let n = 0; n < 3; n++) {
      await step();
      await stage.system.advance(2_000);
    }
    await over;
    expect(told().filter((text) => text.startsWith('log'))).toEqual(['log step 0', 'log step 1', 'log step 2']);
    expect(told().at(-1)).toBe('completed');
  });

  test('waits for a store that is away', async () => {
    const stage = createStage();
    const { type, step } = stepwise(stage);
    let away = false;
    const navette = stage.process([type], ({ feed }) => ({
      feed: {
        ...feed,
        taskWithLog: async (taskId) => {
          if (away) throw new StoreUnavailableError('away');
          return feed.taskWithLog(taskId);
        },
      },
    }));
    const { id } = await navette.submit(type, null);
    const { told, over } = await follow(navette, id);
    await stage.system.advance(0);
    navette.work();
    await stage.system.advance(1_000);
    away = true;
    for (let n = 0; n < 3; n++) await step();
    await stage.system.advance(10_000);
    expect(told()).toEqual(['queued', 'running']);
    away = false;
    await stage.system.advance(1_000);
    await over;
    expect(told().slice(2)).toEqual(['log step 0', 'log step 1', 'log step 2', 'completed']);
  });

  test('ends when the signal is raised, and when the task is pruned', async () => {
    const stage = createStage();
    const { type } = stepwise(stage);
    const navette = stage.process([type]);
    const { id } = await navette.submit(type, null);
    const { over, stop } = await follow(navette, id);
    await stage.system.advance(0);
    stop();
    await over;
    const other = await follow(navette, id);
    await navette.cancel(id);
    await other.over;
  });

  test('knows no task that is not there, and no id that it did not make', async () => {
    const { process } = createStage();
    const navette = process([taskOf(() => null)]);
    await expect(navette.follow('none')).rejects.toThrow(TaskNotFoundError);
    const { task } = await navette.submitRequest({ type: 'test.task', payload: null });
    for (const after of ['', '1', '1-', 'x-1', '1-2-3']) {
      await expect(navette.follow(task.id, { after })).rejects.toThrow(InvalidQueryError);
    }
  });
});

describe('many who watch', () => {
  test('wait for a store that goes away, and are told when it is away from the beginning', async () => {
    const stage = createStage();
    let away = true;
    const navette = stage.process([taskOf(() => null)], ({ records }) => ({
      records: {
        ...records,
        get: async (taskId) => (away ? Promise.reject(new StoreUnavailableError('away')) : records.get(taskId)),
      },
    }));
    const { task } = await navette.submitRequest({ type: 'test.task', payload: null });
    await expect(navette.wait(task.id)).rejects.toThrow(StoreUnavailableError);
    away = false;
    const [patient, hasty] = [navette.wait(task.id), navette.wait(task.id, { timeoutMs: 3_000 })];
    const refused = expect(hasty).rejects.toThrow(StoreUnavailableError);
    await stage.system.advance(0);
    away = true;
    await navette.cancel(task.id);
    await stage.system.advance(5_000);
    await refused;
    away = false;
    await stage.system.advance(1_000);
    expect((await patient).state).toBe('cancelled');
  });

  test('look once in two seconds, together', async () => {
    const stage = createStage();
    const type = taskOf(() => null);
    const navette = deaf(stage, type);
    const { id } = await navette.submit(type, null);
    const standing = vi.spyOn(stage.store.feed, 'standing');
    const read = vi.spyOn(stage.store.records, 'get');
    const waits = Array.from({ length: 100 }, () => navette.wait(id));
    await stage.system.advance(500);
    expect(read).toHaveBeenCalledTimes(100);
    await stage.system.advance(20_000);
    expect(standing.mock.calls.length).toBeLessThanOrEqual(10);
    expect(read).toHaveBeenCalledTimes(100);
    await navette.cancel(id);
    await stage.system.advance(2_000);
    for (const task of await Promise.all(waits)) expect(task.state).toBe('cancelled');
    const looks = standing.mock.calls.length;
    await stage.system.advance(20_000);
    expect(standing).toHaveBeenCalledTimes(looks);
  });
});

/** A process that hears no event. */
function deaf({ store, system }: Stage, type: ReturnType<typeof taskOf>): Navette {
  const events: TaskEvents = { publish: () => {}, subscribe: async () => () => {}, close: async () => {} };
  return createNavette({ store, broker: createMemoryBroker({ store }), events, system, tasks: [type] });
}
