import { createSystem } from '@navette/adapters/system';
import { describe, expect, it, vi } from 'vitest';
import { createApi } from './api.ts';

describe('POST /tasks/{id}/cancel', () => {
  it('cancels a waiting task, and says the same again', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    const cancelled = await api.post(`/tasks/${body.id}/cancel`);
    expect([cancelled.status, cancelled.body.state]).toEqual([200, 'cancelled']);
    expect((await api.post(`/tasks/${body.id}/cancel`)).status).toBe(200);
  });

  it('asks a running task to stop', async () => {
    const api = createApi({ system: createSystem() });
    await api.navette.work().ready;
    const { body } = await api.submit({ type: 'test.until-stopped', payload: 1 });
    await vi.waitFor(async () => expect((await api.get(`/tasks/${body.id}`)).body.state).toBe('running'));
    const asked = await api.post(`/tasks/${body.id}/cancel`);
    expect(asked.status).toBe(202);
    expect(asked.body).toMatchObject({ cancellation: { outcome: null }, attempts: [{ number: 1 }] });
    const ended = await api.get(`/tasks/${body.id}?wait=30`);
    expect(ended.body).toMatchObject({ state: 'cancelled', cancellation: { outcome: 'acknowledged' } });
  });

  it('refuses a task that has ended otherwise', async () => {
    const api = createApi({ system: createSystem() });
    await api.navette.work().ready;
    const { body } = await api.submit({ type: 'test.fail', payload: 1 }, { Prefer: 'wait=30' });
    const refused = await api.post(`/tasks/${body.id}/cancel`);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'invalid_transition', state: 'failed' });
  });
});

describe('POST /tasks/{id}/retry', () => {
  it('queues a finished task again and keeps its attempts', async () => {
    const api = createApi({ system: createSystem() });
    const worker = api.navette.work();
    await worker.ready;
    const { body } = await api.submit({ type: 'test.fail', payload: 1 }, { Prefer: 'wait=30' });
    await worker.stop();
    const retried = await api.post(`/tasks/${body.id}/retry`);
    expect(retried.status).toBe(202);
    expect(retried.body).toMatchObject({ state: 'queued', error: null, finishedAt: null, attempts: [{ number: 1 }] });
  });

  it('tells the task as it left it, whatever a worker has begun since', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    await api.post(`/tasks/${body.id}/cancel`);
    const retry = api.navette.retry;
    vi.spyOn(api.navette, 'retry').mockImplementation(async (id) => {
      const task = await retry(id);
      await api.store.attempts.claim({ worker: 'w', types: ['test.echo'] }, id, task.dispatch);
      return task;
    });
    expect((await api.post(`/tasks/${body.id}/retry`)).body).toMatchObject({ state: 'queued', attempts: [] });
    expect((await api.get(`/tasks/${body.id}`)).body).toMatchObject({ state: 'running', attempts: [{ number: 1 }] });
  });

  it('refuses a task that is not over', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1 });
    const refused = await api.post(`/tasks/${body.id}/retry`);
    expect([refused.status, refused.body.state]).toEqual([409, 'queued']);
  });
});

describe('POST /tasks/{id}/promote', () => {
  it('makes a scheduled task due now, once', async () => {
    const api = createApi();
    const { body } = await api.submit({ type: 'test.echo', payload: 1, delayMs: 60_000 });
    expect(body.state).toBe('scheduled');
    const promoted = await api.post(`/tasks/${body.id}/promote`);
    expect([promoted.status, promoted.body.state]).toEqual([202, 'queued']);
    expect((await api.post(`/tasks/${body.id}/promote`)).body.code).toBe('invalid_transition');
  });
});
