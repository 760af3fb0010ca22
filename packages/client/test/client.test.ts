import { expect, it } from 'vitest';
import { createClient, isTerminal, NavetteApiError } from '../src/index.ts';
import { serveApi } from './server.ts';

const noSuchTask = '0193e6a0-0000-7000-8000-000000000000';

async function open(options?: Parameters<typeof serveApi>[0]) {
  const server = await serveApi(options);
  return { ...server, client: createClient({ baseUrl: server.baseUrl, retry: false }) };
}

it('submits, waits and looks', async () => {
  const { client, navette } = await open();
  const task = await client.submit({ type: 'test.echo', payload: { hello: 'world' }, tags: ['customer:42'] });
  expect(task).toMatchObject({ state: 'queued', tags: ['customer:42'], attempts: [] });
  navette.work();
  const done = await client.wait(task.id);
  expect(done).toMatchObject({ state: 'completed', result: { hello: 'world' }, attempts: [{ outcome: 'completed' }] });
  expect(isTerminal(done.state)).toBe(true);
  expect(await client.get(task.id)).toEqual(done);
});

it('submits and waits in one call', async () => {
  const { client, navette, requests } = await open();
  navette.work();
  const task = await client.submit({ type: 'test.echo', payload: 1 }, { timeoutMs: 10_000 });
  expect(task.state).toBe('completed');
  expect(requests).toEqual(['POST /submit-task']);
});

it('gives an unfinished task as it is when the time is up', async () => {
  const { client } = await open();
  const { id } = await client.submit({ type: 'test.echo', payload: 1 }, { timeoutMs: 20 });
  expect(await client.wait(id, { timeoutMs: 20 })).toMatchObject({ id, state: 'queued' });
  expect(await client.wait(id, { timeoutMs: 0 })).toMatchObject({ id, state: 'queued' });
});

it('takes moments as dates', async () => {
  const { client } = await open();
  const runAt = new Date(Date.now() + 3_600_000);
  const task = await client.submit({ type: 'test.echo', payload: 1, runAt });
  expect(task).toMatchObject({ state: 'scheduled', runAt: runAt.toISOString() });
  expect((await client.list({ submittedBefore: new Date(task.submittedAt) })).items).toEqual([]);
  expect((await client.list({ submittedAfter: new Date(task.submittedAt) })).items).toHaveLength(1);
  expect(await client.promote(task.id)).toMatchObject({ state: 'queued' });
  const noDate = new Date('never');
  await expect(client.list({ finishedAfter: noDate })).rejects.toThrow(RangeError);
  await expect(client.operations.dryRun({ action: 'cancel', filter: { finishedAfter: noDate } })).rejects.toThrow(
    RangeError,
  );
});

it('lists a page, and all', async () => {
  const { client } = await open();
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.unshift((await client.submit({ type: 'test.echo', payload: n })).id);
  const page = await client.list({ limit: 2, state: ['queued', 'running'], include: ['payload'] });
  expect(page.items.map(({ id, payload }) => [id, payload])).toEqual([
    [ids[0], 4],
    [ids[1], 3],
  ]);
  expect(page.nextCursor).not.toBeNull();
  const all: string[] = [];
  for await (const { id } of client.listAll({ limit: 2, queue: 'default' })) all.push(id);
  expect(all).toEqual(ids);
  expect((await client.list({ tag: 'none' })).items).toEqual([]);
});

it('reads the log, a page and all', async () => {
  const { client, navette } = await open();
  navette.work();
  const { id } = await client.submit({ type: 'test.steps', payload: { steps: 3 } }, { timeoutMs: 10_000 });
  expect((await client.logs(id, { limit: 1 })).items.map(({ message }) => message)).toEqual(['step 1']);
  const messages: string[] = [];
  for await (const { message } of client.allLogs(id)) messages.push(message);
  expect(messages).toEqual(['step 1', 'step 2', 'step 3']);
});

it('cancels and retries', async () => {
  const { client } = await open();
  const { id } = await client.submit({ type: 'test.echo', payload: 1 });
  expect(await client.cancel(id)).toMatchObject({ state: 'cancelled' });
  expect(await client.cancel(id)).toMatchObject({ state: 'cancelled' });
  expect(await client.retry(id)).toMatchObject({ state: 'queued' });
});

it('tells types and queues, pauses and resumes', async () => {
  const { client } = await open();
  expect((await client.taskTypes()).map(({ type }) => type)).toContain('test.steps');
  expect((await client.queues()).map(({ name, paused }) => [name, paused])).toEqual([
    ['default', false],
    ['slow', false],
  ]);
  expect(await client.pause('slow')).toEqual({ name: 'slow', paused: true });
  expect((await client.queues()).find(({ name }) => name === 'slow')).toMatchObject({ paused: true });
  expect(await client.resume('slow')).toEqual({ name: 'slow', paused: false });
});

it('tells what the server refuses', async () => {
  const { client } = await open();
  const refusal = await client.submit({ type: 'test.echo', payload: 1, delayMs: -1 }).catch((error) => error);
  expect(refusal).toBeInstanceOf(NavetteApiError);
  expect(refusal).toMatchObject({
    status: 422,
    code: 'invalid_request',
    errors: [{ pointer: '#/delayMs' }],
    message: expect.stringContaining('#/delayMs'),
  });
  await expect(client.get(noSuchTask)).rejects.toMatchObject({ status: 404, code: 'task_not_found' });
  const { id } = await client.submit({ type: 'test.echo', payload: 1 });
  await expect(client.promote(id)).rejects.toMatchObject({ status: 409, problem: { state: 'queued' } });
});

it('says who calls', async () => {
  const { baseUrl } = await serveApi({ apiKeys: [{ name: 'me', secret: 'secret' }] });
  await expect(createClient({ baseUrl }).list()).rejects.toMatchObject({ status: 401, code: 'unauthorized' });
  expect(await createClient({ baseUrl: `${baseUrl}/`, apiKey: 'secret' }).list()).toMatchObject({ items: [] });
});

it('goes the way it is given', async () => {
  const { app } = await serveApi();
  const client = createClient({ baseUrl: 'http://localhost/', fetch: async (request) => app.fetch(request) });
  expect(await client.queues()).toHaveLength(2);
});

it('refuses an address that is none', () => {
  expect(() => createClient({ baseUrl: 'nowhere' })).toThrow(TypeError);
});
