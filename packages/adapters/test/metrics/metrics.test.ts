import { PermanentError, StoreUnavailableError, silentLog, type TaskStore, type WorkerStatus } from '@navette/domain';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createNavette } from '../../src/index.ts';
import { createMemoryBroker, createMemoryEvents, createMemoryStore } from '../../src/memory/index.ts';
import { addStoreMetrics, addWorkerMetrics, createMetrics, type Metrics } from '../../src/metrics/index.ts';
import { createSystem } from '../../src/system/index.ts';
import { taskOf } from '../memory/stage.ts';

/** The values of the lines of a metric, by their labels. */
async function read({ text }: Pick<Metrics, 'text'>, name: string): Promise<Record<string, number>> {
  const lines = (await text()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return Object.fromEntries(
    lines.map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

const quick = taskOf(() => null, { type: 'test.quick' });
const failing = taskOf(
  () => {
    throw new PermanentError('no');
  },
  { type: 'test.failing' },
);

function open(broken: (store: TaskStore) => Partial<TaskStore> = () => ({})) {
  const system = createSystem();
  const memory = createMemoryStore({ system });
  const store = { ...memory, ...broken(memory) };
  const metrics = createMetrics();
  const navette = createNavette({
    store,
    broker: createMemoryBroker({ store: memory }),
    events: createMemoryEvents(),
    tasks: [quick, failing],
    observe: metrics.observeAttempt,
  });
  return { navette, metrics };
}

describe('of attempts', () => {
  test('are counted by queue, type and outcome, and timed', async () => {
    const { navette, metrics } = open();
    navette.work();
    for (const type of ['test.quick', 'test.quick', 'test.failing']) {
      const { task } = await navette.submitRequest({ type, payload: null });
      await navette.wait(task.id);
    }
    await navette.close();
    expect(await read(metrics, 'navette_attempts_total')).toEqual({
      '{queue="default",type="test.quick",outcome="completed"}': 2,
      '{queue="default",type="test.failing",outcome="failed"}': 1,
    });
    expect(await read(metrics, 'navette_attempt_duration_seconds_count')).toEqual({
      '{queue="default",type="test.quick"}': 2,
      '{queue="default",type="test.failing"}': 1,
    });
    const sums = await read(metrics, 'navette_attempt_duration_seconds_sum');
    for (const seconds of Object.values(sums)) expect(seconds).toBeLessThan(60);
  });
});

describe('of the store', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'Date', 'setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  test('tell tasks, queues and workers', async () => {
    const { navette, metrics } = open();
    addStoreMetrics(metrics, navette, silentLog);
    await navette.submit(quick, 1);
    await navette.submit(quick, 1, { delayMs: 60_000 });
    const { id } = await navette.submit(quick, 1);
    await navette.cancel(id);
    await navette.pause('default');
    vi.setSystemTime(Date.now() + 30_000);
    const tasks = await read(metrics, 'navette_tasks');
    expect(tasks).toMatchObject({
      '{queue="default",state="queued"}': 1,
      '{queue="default",state="scheduled"}': 1,
      '{queue="default",state="cancelled"}': 1,
      '{queue="default",state="failed"}': 0,
    });
    const [oldest = 0] = Object.values(await read(metrics, 'navette_queue_oldest_waiting_seconds'));
    expect(Math.round(oldest)).toBe(30);
    for (const [name, value] of [
      ['navette_queue_paused', 1],
      ['navette_queue_consumers', 0],
    ] as const) {
      expect(await read(metrics, name)).toEqual({ '{queue="default"}': value });
    }
    expect([await read(metrics, 'navette_workers'), await read(metrics, 'navette_store_up')]).toEqual([
      { '': 0 },
      { '': 1 },
    ]);
  });

  test('tell which queues stall', async () => {
    const { navette, metrics } = open();
    addStoreMetrics(metrics, navette, silentLog);
    await navette.submit(quick, 1);
    expect(await read(metrics, 'navette_queue_stalled')).toEqual({ '{queue="default"}': 0 });
    vi.advanceTimersByTime(30_000);
    expect(await read(metrics, 'navette_queue_stalled')).toEqual({ '{queue="default"}': 1 });
  });

  test('ask it once in some seconds, however often they are read', async () => {
    const { navette, metrics } = open();
    const queues = vi.spyOn(navette, 'queues');
    addStoreMetrics(metrics, navette, silentLog);
    await Promise.all(Array.from({ length: 10 }, () => metrics.text()));
    vi.advanceTimersByTime(4_000);
    await metrics.text();
    expect(queues).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1_000);
    await metrics.text();
    expect(queues).toHaveBeenCalledTimes(2);
  });

  test.each([
    ['refuses', () => Promise.reject(new StoreUnavailableError('away'))],
    ['does not answer', () => new Promise<never>(() => {})],
  ])('are left out while it %s, and come back', async (_how, fail) => {
    let away = false;
    const { navette, metrics } = open(({ records }) => ({
      records: { ...records, queues: () => (away ? fail() : records.queues()) },
    }));
    addStoreMetrics(metrics, navette, silentLog);
    await navette.submit(quick, 1);
    expect(Object.keys(await read(metrics, 'navette_tasks'))).not.toEqual([]);
    away = true;
    vi.advanceTimersByTime(5_000);
    const text = metrics.text();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await text).toMatch(/^navette_store_up 0$/m);
    expect(await text).not.toMatch(/^navette_(tasks|queue\w*|workers)[{ ]/m);
    expect(await text).toMatch(/^process_cpu_seconds_total /m);
    away = false;
    vi.advanceTimersByTime(5_000);
    expect(await read(metrics, 'navette_store_up')).toEqual({ '': 1 });
    expect(Object.keys(await read(metrics, 'navette_tasks'))).not.toEqual([]);
  });
});

test('of a worker tell how it is doing', async () => {
  const metrics = createMetrics();
  let status: WorkerStatus | undefined;
  addWorkerMetrics(metrics, () => status, ['default', 'media']);
  expect(await read(metrics, 'navette_worker_ready')).toEqual({ '': 0 });
  const stalled = [{ queue: 'media', waitedMs: 60_000 }];
  status = { state: 'running', leased: true, running: 3, abandoned: 1, ended: 9, stalled };
  expect(await read(metrics, 'navette_worker_ready')).toEqual({ '': 1 });
  expect(await read(metrics, 'navette_worker_running_attempts')).toEqual({ '': 3 });
  expect(await read(metrics, 'navette_worker_abandoned_handlers')).toEqual({ '': 1 });
  expect(await read(metrics, 'navette_worker_stalled')).toEqual({ '{queue="default"}': 0, '{queue="media"}': 1 });
  status = { ...status, leased: false };
  expect(await read(metrics, 'navette_worker_ready')).toEqual({ '': 0 });
});

test('of batches and requests are counted', async () => {
  const metrics = createMetrics();
  for (const rows of [1, 1, 80]) metrics.observeBatch(rows);
  metrics.observeRequest('GET', '/tasks/:id', 404, 12);
  expect(await read(metrics, 'navette_store_batch_rows_sum')).toEqual({ '': 82 });
  expect(await read(metrics, 'navette_http_request_duration_seconds_count')).toEqual({
    '{method="GET",route="/tasks/:id",status="404"}': 1,
  });
});
