import { createNavette, createSystem } from '@navette/adapters';
import { createMemoryBroker, createMemoryEvents, createMemoryStore } from '@navette/adapters/memory';
import { type AnyTaskType, defineTask, QueryTooBroadError, silentLog } from '@navette/domain';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createApp } from '../src/app.ts';
import { createBoard } from '../src/board.ts';
import { createLazyBoard } from '../src/lazy-board.ts';

const types: AnyTaskType[] = [
  defineTask({
    type: 'board.flaky',
    payload: z.object({ failures: z.int() }),
    retry: { maxAttempts: 2, backoff: { kind: 'fixed', delayMs: 1 } },
    handler: async ({ failures }, { attempt, log }) => {
      await log(`try ${attempt}`);
      if (attempt <= failures) throw new Error(`failure ${attempt}`);
      return { attempt };
    },
  }),
  defineTask({
    type: 'board.endless',
    queue: 'other',
    payload: z.unknown(),
    handler: (_payload, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  }),
];

async function openBoard() {
  const system = createSystem();
  const store = createMemoryStore({ system });
  const navette = createNavette({
    store,
    broker: createMemoryBroker({ store }),
    events: createMemoryEvents(),
    system,
    tasks: types,
  });
  onTestFinished(() => navette.close());
  const app = createApp({
    navette,
    board: createLazyBoard(() => createBoard(navette)),
    health: { store: () => store.healthy() },
    apiKeys: [{ name: 'ops', secret: 'secret' }],
    loopbackOnly: false,
    maxBodyBytes: 1_048_576,
    log: silentLog,
    version: '0.0.0-test',
  });
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await app.request(`/board${path}`, {
      method,
      headers: { Authorization: `Basic ${btoa('ops:secret')}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      // biome-ignore lint/suspicious/noExplicitAny: Bull Board's own JSON, looked into here and there
      json: (text.startsWith('{') ? JSON.parse(text) : undefined) as any,
    };
  };
  const queue = async (name: string, status = 'latest') => {
    const { json } = await call('GET', `/api/queues?activeQueue=${name}&status=${status}&page=1&jobsPerPage=10`);
    // biome-ignore lint/suspicious/noExplicitAny: as above
    return json.queues.find((each: any) => each.name === name);
  };
  return { app, navette, call, queue };
}

describe('the board', () => {
  it('serves its own files, and says so where there is none', async () => {
    const { app } = await openBoard();
    const headers = { Authorization: 'Bearer secret' };
    const page = await (await app.request('/board', { headers })).text();
    const script = /src="(static\/js\/[^"]+)"/.exec(page)?.[1];
    expect((await app.request(`/board/${script}`, { headers })).status).toBe(200);
    const missing = await app.request('/board/static/missing.js', { headers });
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ code: 'not_found' });
  });

  it('says why it cannot show a page', async () => {
    const { navette, call } = await openBoard();
    navette.search = () => Promise.reject(new QueryTooBroadError('look at an earlier page'));
    const { status, text } = await call(
      'GET',
      '/api/queues?activeQueue=default&status=completed&page=9999&jobsPerPage=10',
    );
    expect(status).toBe(400);
    expect(text).toContain('look at an earlier page');
  });

  it('asks who calls, and serves its page and its files itself', async () => {
    const { app, call } = await openBoard();
    expect((await app.request('/board')).status).toBe(401);
    expect((await app.request('/board/api/queues')).status).toBe(401);
    expect((await call('GET', '/')).status).toBe(302);
    const page = await call('GET', '');
    expect(page.status).toBe(200);
    expect(page.text).toContain('Navette');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const [, script] = /src="(static[^"]+\.js)"/.exec(page.text) ?? [];
    expect((await call('GET', `/${script}`)).status).toBe(200);
  });

  it('shows every queue of the catalogue, with counts by state', async () => {
    const { navette, queue } = await openBoard();
    await navette.submitRequest({ type: 'board.flaky', payload: { failures: 0 } });
    await navette.submitRequest({ type: 'board.flaky', payload: { failures: 0 }, delayMs: 60_000 });
    const cancelled = await navette.submitRequest({ type: 'board.flaky', payload: { failures: 0 } });
    await navette.cancel(cancelled.task.id);
    const shown = await queue('default');
    expect(shown.counts).toMatchObject({ waiting: 1, delayed: 1, failed: 1, active: 0, completed: 0 });
    expect(shown.jobs).toHaveLength(3);
    expect((await queue('other')).counts.waiting).toBe(0);
    expect((await queue('default', 'failed')).jobs[0].failedReason).toBe('cancelled (acknowledged)');
  });

  it('shows the attempts as they happened, and retries a failed task through the use case', async () => {
    const { navette, call } = await openBoard();
    navette.work({ name: 'host-7:42' });
    const { task } = await navette.submitRequest({ type: 'board.flaky', payload: { failures: 2 } });
    await navette.wait(task.id);
    const shown = await call('GET', `/api/queues/default/${task.id}`);
    expect(shown.json.status).toBe('failed');
    expect(shown.json.job).toMatchObject({
      attempts: 2,
      processedBy: 'host-7:42',
      failedReason: 'handler_error: failure 2',
      data: { failures: 2 },
    });
    expect(shown.json.job.stacktrace[0]).toMatch(
      /attempt 2 failed after \d+ ms: handler_error: failure 2 \(worker host-7:42\)/,
    );
    const logs = (await call('GET', `/api/queues/default/${task.id}/logs`)).text;
    expect(logs).toMatch(/attempt 1 says: try 1.*attempt 1 failed.*attempt 2 says: try 2.*attempt 2 failed/s);

    expect((await call('PUT', `/api/queues/default/${task.id}/retry`)).status).toBe(204);
    const again = await navette.wait(task.id);
    expect(again).toMatchObject({ state: 'completed', result: { attempt: 3 }, attempt: 3 });
    expect((await call('GET', `/api/queues/default/${task.id}`)).json.job.returnValue).toEqual({ attempt: 3 });
  });

  it('cancels, promotes, pauses, resumes and submits through the use cases', async () => {
    const { navette, call, queue } = await openBoard();
    const { task } = await navette.submitRequest({ type: 'board.flaky', payload: { failures: 0 }, delayMs: 60_000 });
    expect((await call('PUT', '/api/queues/default/pause')).status).toBe(200);
    expect((await queue('default')).isPaused).toBe(true);
    expect((await call('PUT', `/api/queues/default/${task.id}/promote`)).status).toBe(204);
    expect((await navette.get(task.id)).state).toBe('queued');
    expect((await call('PUT', `/api/queues/default/${task.id}/clean`)).status).toBe(204);
    expect((await navette.get(task.id)).state).toBe('cancelled');
    expect((await call('PUT', '/api/queues/default/resume')).status).toBe(200);
    expect((await queue('default')).isPaused).toBe(false);

    const added = await call('POST', '/api/queues/default/add', {
      name: 'board.flaky',
      data: { failures: 0 },
      options: { attempts: 5 },
    });
    expect((await navette.get(added.json.job.id)).retry.maxAttempts).toBe(5);
    const wrong = await call('POST', '/api/queues/default/add', { name: 'board.flaky', data: {}, options: {} });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('failures');
  });

  it('asks a running task to stop', async () => {
    const { navette, call } = await openBoard();
    navette.work();
    const { task } = await navette.submitRequest({ type: 'board.endless', payload: null });
    await expect.poll(async () => (await navette.get(task.id)).state).toBe('running');
    expect((await call('PUT', `/api/queues/other/${task.id}/clean`)).status).toBe(204);
    expect(await navette.wait(task.id)).toMatchObject({
      state: 'cancelled',
      cancellation: { outcome: 'acknowledged' },
    });
  });

  it('refuses what would delete records, and says why', async () => {
    const { navette, call } = await openBoard();
    const { task } = await navette.submitRequest({ type: 'board.flaky', payload: { failures: 0 } });
    for (const path of ['empty', 'clean/completed', 'obliterate']) {
      const answer = await call(
        'PUT',
        `/api/queues/default/${path}`,
        path === 'obliterate' ? { force: true } : undefined,
      );
      expect([path, answer.status >= 400]).toEqual([path, true]);
    }
    expect((await navette.get(task.id)).state).toBe('queued');
    expect((await call('GET', '/api/queues/default/no-such-task')).status).toBe(404);
  });
});
