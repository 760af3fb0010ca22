import { writeFile } from 'node:fs/promises';
import { priorities } from '@navette/domain';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiTask, Client } from './client.ts';
import { navetteCommand, watch } from './command.ts';
import { freshPath } from './data-folders.ts';
import { EventListener } from './event-listener.ts';
import { withoutPostgres, withoutRedis } from './servers.ts';
import { type Deployment, embedded, type Installation, patience, postgres, redis, type SetUp } from './set-ups.ts';

const setUps: { setUp: SetUp; skip: boolean }[] = [
  { setUp: embedded, skip: false },
  { setUp: postgres, skip: withoutPostgres },
  { setUp: redis, skip: withoutPostgres || withoutRedis },
];

interface Queue {
  readonly name: string;
  readonly counts: { readonly scheduled: number };
}

const mixed = ['low', 'normal', 'bulk', 'critical', 'high', 'normal', 'critical', 'bulk', 'low', 'high'];
const atOnce = { retry: { backoff: { kind: 'fixed', delayMs: 1 } } };
const outcomes = ({ attempts }: ApiTask) => attempts.map(({ outcome }) => outcome);

function running(client: Client, id: string): Promise<void> {
  return vi.waitFor(async () => expect((await client.task(id)).state).toBe('running'), patience);
}

// The set-ups run side by side; in each, one test goes on from where the one before it stopped.
describe.each(setUps)('$setUp.name', { concurrent: true }, ({ setUp, skip }) => {
  let installation: Installation;
  let now: Deployment;

  beforeAll(async () => {
    if (skip) return;
    installation = await setUp.open();
    now = await installation.start(1, { NAVETTE_QUEUES: 'default:1', NAVETTE_SHUTDOWN_MS: '0' });
  });
  afterAll(async () => {
    await now?.crash();
    await installation?.close();
  });

  const it1 = it.skipIf(skip).sequential;

  it1('runs tasks, retries them, and shows every attempt', async () => {
    const { client } = now;
    const echo = await client.run('demo.echo', { hello: 'world' });
    expect(echo).toMatchObject({ state: 'completed', result: { hello: 'world' } });
    const flaky = await client.run('demo.flaky', { failures: 2 }, atOnce);
    expect(flaky).toMatchObject({ state: 'completed', result: { attempt: 3 } });
    expect(outcomes(flaky)).toEqual(['failed', 'failed', 'completed']);
    const failed = await client.run('demo.fail', { message: 'as asked', permanent: true });
    expect(failed).toMatchObject({ state: 'failed', error: { message: 'as asked' } });
    expect((await client.post(`/tasks/${failed.id}/retry`)).status).toBe(202);
    expect(outcomes(await client.outcome(failed.id))).toEqual(['failed', 'failed']);
  });

  it1('lets a person watch a task, live', async () => {
    const { client } = now;
    const { id } = await client.submit('test.narrated', null);
    let progress = 0;
    const { code, events } = await watch(client.url, id, (line) => {
      if (line.includes('"event":"progress"') && ++progress === 3) void client.post(`/tasks/${id}/cancel`);
    });
    const told = events.map(({ event, data }) => (event === 'state' ? data.state : event));
    expect([code, told.at(-1)]).toEqual([1, 'cancelled']);
    expect(told).toEqual(expect.arrayContaining(['running', 'log', 'progress']));
  });

  it1('tells what happens to all tasks, and after a break what was missed', async () => {
    const { client } = now;
    const url = `${client.url}/events?state=completed&tag=told`;
    const ids: string[] = [];
    const runOne = async () => {
      ids.push((await client.run('demo.echo', 1, { tags: ['told'] })).id);
      await client.run('demo.echo', 2);
    };
    const listener = await EventListener.open(url);
    const told = new Set<string>();
    const hear = (from: EventListener) => {
      for (const { id } of from.data('state')) told.add(id);
      return [...told].sort();
    };
    await vi.waitFor(() => expect(listener.lastEventId).toBeDefined(), patience);
    await runOne();
    await vi.waitFor(() => expect(hear(listener)).toEqual(ids.toSorted()), patience);
    listener.close();
    for (let n = 0; n < 3; n++) await runOne();
    const again = await EventListener.open(url, listener.lastEventId);
    await vi.waitFor(() => expect(hear(again)).toEqual(ids.toSorted()), patience);
    again.close();
  });

  it1('serves the documentation and the board', async () => {
    for (const path of ['/docs', '/openapi.json', '/board']) expect((await now.client.get(path)).status).toBe(200);
  });

  it1('serves metrics, of the API and of the workers', async () => {
    const metrics = async (url: string) => (await fetch(`${url}/metrics`)).text();
    await now.client.run('demo.echo', 1);
    expect(await metrics(now.client.url)).toMatch(/^navette_tasks\{queue="default",state="completed"\} \d/m);
    const ofWorker = await metrics(await now.workers[0]!.url());
    expect(ofWorker).toMatch(/^navette_attempts_total\{queue="default",type="demo.echo",outcome="completed"\} [1-9]/m);
    expect(ofWorker).toMatch(/^navette_worker_stalled\{queue="default"\} 0$/m);
    expect(ofWorker).toMatch(/^navette_store_batch_rows_count [1-9]/m);
  });

  it1('runs tasks of mixed priority in order', async () => {
    const { client } = now;
    expect((await client.post('/queues/default/pause')).ok).toBe(true);
    const ids: string[] = [];
    for (const priority of mixed) ids.push((await client.submit('demo.sleep', { ms: 5 }, { priority })).id);
    expect((await client.post('/queues/default/resume')).ok).toBe(true);
    const tasks = await Promise.all(ids.map((id) => client.outcome(id)));
    const inOrder = tasks.toSorted((a, b) => startOf(a) - startOf(b)).map(({ id }) => id);
    const wanted = tasks.toSorted((a, b) => rankOf(a) - rankOf(b)).map(({ id }) => id);
    expect(inOrder).toEqual(wanted);
  });

  it1('takes many tasks at once, all or nothing, and runs them', async () => {
    const { client } = now;
    const tasks = Array.from({ length: 50 }, (_, n) => ({
      type: 'demo.echo',
      payload: n,
      idempotencyKey: `bulk-${n}`,
    }));
    const submitted = await client.post('/submit-tasks?atomic=true', { tasks });
    expect(submitted.status).toBe(202);
    const { items } = (await submitted.json()) as { items: { task: ApiTask }[] };
    const ran = await Promise.all(items.map(({ task }) => client.outcome(task.id)));
    expect(ran.map(({ result }) => result)).toEqual(tasks.map(({ payload }) => payload));
    const refused = await client.post('/submit-tasks?atomic=true', { tasks: [...tasks, { type: 'nobody.knows' }] });
    expect(refused.status).toBe(422);
    const again = (await (await client.post('/submit-tasks', { tasks })).json()) as { items: typeof items };
    expect(again.items.map(({ task }) => task.id)).toEqual(items.map(({ task }) => task.id));
  });

  it1('imports a file with the navette command, although that is interrupted', async () => {
    const lines = 6_000;
    const file = freshPath();
    const later = { type: 'demo.echo', payload: { hello: 'world' }, delayMs: 31_536_000_000 };
    await writeFile(file, `${JSON.stringify(later)}\n`.repeat(lines));
    const command = ['import', file, '--url', await now.api.url()];
    const first = await navetteCommand([...command, '--json'], (child) => child.kill('SIGINT'));
    expect(first.code, first.stderr).toBe(130);
    const second = await navetteCommand(command);
    expect([second.code, second.stdout]).toEqual([0, `${lines} accepted\n`]);
    const { items } = (await (await now.client.get('/queues')).json()) as { items: Queue[] };
    expect(items.find(({ name }) => name === 'default')?.counts.scheduled).toBe(lines);
  });

  it1('hands a running task back on SIGTERM, and finishes it later', async () => {
    const { id } = await now.client.submit('test.held', null);
    await running(now.client, id);
    expect(await now.workers[0]!.end('SIGTERM')).toEqual({ code: 0, signal: null });
    if (setUp === embedded) now = await installation.start(1);
    else {
      expect((await now.client.task(id)).state).toBe('queued');
      await now.addWorker();
    }
    const task = await now.client.outcome(id);
    expect(task.state).toBe('completed');
    expect(outcomes(task)).toEqual(['interrupted', 'completed']);
  });

  // Apart, a worker's lease has to end first, and be judged: half a minute.
  it1('finishes everything after kill -9', { timeout: 90_000 }, async () => {
    const { client } = now;
    const held = await client.submit('test.held', null);
    await running(client, held.id);
    const waiting = await client.submit('demo.echo', 'later', { delayMs: 500 });
    await now.crash();
    now = await installation.start(2, { NAVETTE_QUEUES: setUp === embedded ? 'default:2' : 'default:1' });
    expect(await now.client.outcome(waiting.id)).toMatchObject({ state: 'completed' });
    const task = await now.client.outcome(held.id);
    expect(task.state).toBe('completed');
    expect(outcomes(task)).toEqual(['lost', 'completed']);
  });

  it1('has every worker at work, and cancels what runs', async () => {
    const { client } = now;
    const ids = [await client.submit('test.held', null), await client.submit('test.held', null)].map(({ id }) => id);
    // Both at once: apart, each worker has room for one.
    for (const id of ids) await running(client, id);
    for (const id of ids) expect((await client.post(`/tasks/${id}/cancel`)).status).toBe(202);
    for (const id of ids) expect(await client.outcome(id)).toMatchObject({ state: 'cancelled' });
  });

  it1('cancels and retries many by one call each, which a crash does not end', { timeout: 90_000 }, async () => {
    const tasks = Array.from({ length: 30 }, (_, n) => ({ type: 'demo.echo', payload: n, tags: ['many'] }));
    await now.client.post('/queues/default/pause');
    const submitted = await now.client.post('/submit-tasks', { tasks });
    const { items } = (await submitted.json()) as { items: { task: ApiTask }[] };
    const filter = { tag: 'many' };
    const { id } = await started(now.client, { action: 'cancel', filter, perSecond: 10 });
    await operation(now.client, id, ({ done }) => expect(done).toBeGreaterThan(0));
    await now.crash();
    now = await installation.start(2);
    const cancelled = await operation(now.client, id, ({ state }) => expect(state).toBe('completed'));
    expect(cancelled).toMatchObject({ total: 30, done: 30, failed: 0 });
    await now.client.post('/queues/default/resume');
    const again = await started(now.client, { action: 'retry', filter });
    expect(again).toMatchObject({ total: 30 });
    const retried = await operation(now.client, again.id, ({ state }) => expect(state).toBe('completed'));
    expect(retried).toMatchObject({ done: 30, failed: 0 });
    for (const { task } of items) expect(outcomes(await now.client.outcome(task.id))).toEqual(['completed']);
  });
});

async function started(client: Client, request: object): Promise<ApiOperation> {
  const response = await client.post('/operations', request);
  expect(response.status).toBe(202);
  return (await response.json()) as ApiOperation;
}

/** A mass action, once it is as it is expected to become. */
function operation(client: Client, id: string, expected: (now: ApiOperation) => void): Promise<ApiOperation> {
  return vi.waitFor(async () => {
    const now = (await (await client.get(`/operations/${id}`)).json()) as ApiOperation;
    expected(now);
    return now;
  }, patience);
}

interface ApiOperation {
  readonly id: string;
  readonly state: string;
  readonly total: number;
  readonly done: number;
}

function startOf({ attempts }: ApiTask): number {
  return Date.parse(attempts[0]!.startedAt);
}

function rankOf({ priority }: ApiTask): number {
  return priorities.indexOf(priority);
}
