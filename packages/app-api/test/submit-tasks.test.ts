import { StoreUnavailableError } from '@navette/domain';
import { describe, expect, it, vi } from 'vitest';
import { createApi } from './api.ts';

const echo = (payload: unknown, more: object = {}) => ({ type: 'test.echo', payload, ...more });
// biome-ignore lint/suspicious/noExplicitAny: items of either kind
const codes = (items: any[]) => items.map(({ index, task, problem }) => [index, task?.payload ?? problem.code]);

describe('POST /submit-tasks', () => {
  it('accepts many tasks, and tells each', async () => {
    const api = createApi();
    const { status, body } = await api.submitMany([echo(0), echo(1, { tags: ['a'], priority: 'low' }), echo(2)]);
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 3, rejected: 0 });
    expect(codes(body.items)).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    const { attempts, ...task } = (await api.get(`/tasks/${body.items[1].task.id}`)).body;
    expect(attempts).toEqual([]);
    expect(body.items[1].task).toEqual(task);
  });

  it('accepts what is good and tells what is wrong with each of the others', async () => {
    const api = createApi();
    const { body: first } = await api.submit(echo('first', { idempotencyKey: 'used' }));
    const { status, body } = await api.submitMany([
      echo(0),
      { type: 'nobody.knows', payload: 1 },
      { type: 'test.resize', payload: { width: 0 } },
      echo(3, { delayms: 5 }),
      'no object',
      null,
      echo('first', { idempotencyKey: 'used' }),
      echo('other', { idempotencyKey: 'used' }),
      echo('\u0000'),
    ]);
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 2, rejected: 7 });
    expect(codes(body.items)).toEqual([
      [0, 0],
      [1, 'unknown_task_type'],
      [2, 'invalid_payload'],
      [3, 'invalid_request'],
      [4, 'invalid_request'],
      [5, 'invalid_request'],
      [6, 'first'],
      [7, 'idempotency_key_reused'],
      [8, 'invalid_payload'],
    ]);
    expect(body.items[3].problem).toMatchObject({ status: 422, errors: [{ pointer: '#/delayms' }] });
    expect(body.items[2].problem.errors).toMatchObject([{ pointer: '#/payload/width' }]);
    expect(body.items[6].task.id).toBe(first.id);
    expect(body.items[7].problem.taskId).toBe(first.id);
    expect((await api.get('/tasks')).body.items).toHaveLength(2);
  });

  it('answers 422 with the same body if nothing is accepted', async () => {
    const api = createApi();
    const { status, body } = await api.submitMany([{ type: 'nobody.knows', payload: 1 }, {}]);
    expect(status).toBe(422);
    expect(body).toMatchObject({ accepted: 0, rejected: 2 });
    expect(codes(body.items)).toEqual([
      [0, 'unknown_task_type'],
      [1, 'invalid_request'],
    ]);
  });

  it('keeps the keys of callers apart', async () => {
    const keys = ['one', 'two'].map((name) => ({ name, secret: `secret-${name}` }));
    const api = createApi({ apiKeys: keys, loopbackOnly: false });
    const answers = [];
    for (const { secret } of keys) {
      const headers = { Authorization: `Bearer ${secret}` };
      answers.push(await api.submitMany([echo(1, { idempotencyKey: 'k' })], '', headers));
    }
    expect(answers[0]?.body.items[0].task.id).not.toBe(answers[1]?.body.items[0].task.id);
    expect((await api.submitMany([echo(1)])).status).toBe(401);
  });

  it('takes from 1 to 1,000 tasks', async () => {
    const api = createApi();
    expect((await api.submitMany(Array.from({ length: 1_000 }, (_, n) => echo(n)))).body.accepted).toBe(1_000);
    for (const tasks of [[], Array.from({ length: 1_001 }, (_, n) => echo(n))]) {
      const { status, body } = await api.submitMany(tasks);
      expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'invalid_request', '#/tasks']);
    }
  });

  it.each([
    ['a list', '[]', 422, 'invalid_request'],
    ['a field it does not know', '{"tasks":[{}],"atomic":true}', 422, 'invalid_request'],
    ['half of it', '{"tasks":[', 400, 'invalid_json'],
    ['too much depth', `{"tasks":[${'['.repeat(80)}]}`, 422, 'invalid_request'],
    ['too many bytes', `{"tasks":["${'x'.repeat(1_100_000)}"]}`, 413, 'payload_too_large'],
  ])('refuses %s as a whole', async (_, sent, status, code) => {
    const api = createApi();
    const answer = await api.post('/submit-tasks', { headers: { 'Content-Type': 'application/json' }, body: sent });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('refuses a key for all of them, other queries and other media', async () => {
    const api = createApi();
    const withKey = await api.submitMany([echo(1)], '', { 'Idempotency-Key': 'k' });
    expect([withKey.status, withKey.body.code]).toEqual([422, 'invalid_request']);
    const withQuery = await api.submitMany([echo(1)], '?wait=1');
    expect([withQuery.status, withQuery.body.errors[0].parameter]).toEqual([400, 'wait']);
    expect((await api.submitMany([echo(1)], '?atomic=yes')).status).toBe(400);
    const withMedia = await api.submitMany([echo(1)], '', { 'Content-Type': 'text/csv' });
    expect([withMedia.status, withMedia.body.code]).toEqual([415, 'unsupported_media_type']);
    expect((await api.get('/tasks')).body.items).toEqual([]);
  });

  it('answers 503 while the store is away, although some are refused as well', async () => {
    const api = createApi();
    vi.spyOn(api.store.records, 'insert').mockRejectedValue(new StoreUnavailableError('postgres://10.1.2.3'));
    const { status, headers, body, text } = await api.submitMany([echo(1), {}, echo(2)]);
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'store_unavailable', '1']);
    expect(text).not.toContain('10.1.2.3');
  });

  it('tells which may not be recorded if the store goes away in between', async () => {
    const warn = vi.fn();
    const api = createApi({ log: { debug() {}, info() {}, error() {}, warn } });
    const { insert } = api.store.records;
    vi.spyOn(api.store.records, 'insert').mockImplementation(async (tasks) => {
      const [first] = await insert(tasks.slice(0, 1));
      const error = new StoreUnavailableError('away');
      return tasks.map((_task, i) => (i === 0 ? first! : { kind: 'unknown', error }));
    });
    const { status, body } = await api.submitMany([echo(1), echo(2), echo(3)]);
    expect([status, body.accepted, body.rejected]).toEqual([202, 1, 2]);
    expect(body.items[2].problem).toMatchObject({ status: 503, code: 'store_unavailable' });
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('answers 500 for an unexpected error', async () => {
    const api = createApi();
    vi.spyOn(api.store.records, 'insert').mockRejectedValue(new Error('select secret'));
    const { status, text } = await api.submitMany([echo(1)]);
    expect(status).toBe(500);
    expect(text).not.toContain('secret');
  });
});

describe('POST /submit-tasks?atomic=true', () => {
  it('records all', async () => {
    const api = createApi();
    const { status, body } = await api.submitMany([echo(0), echo(1, { idempotencyKey: 'k' })], '?atomic=true');
    expect([status, body.accepted, body.rejected]).toEqual([202, 2, 0]);
    const again = await api.submitMany([echo(1, { idempotencyKey: 'k' })], '?atomic=true');
    expect([again.status, again.body.items[0].task.id]).toEqual([202, body.items[1].task.id]);
  });

  it('records nothing where one is refused, before or by the store', async () => {
    const api = createApi();
    await api.submit(echo('first', { idempotencyKey: 'used' }));
    const refused = await api.submitMany([echo(0), {}, echo('\u0000'), echo(3)], '?atomic=true');
    expect([refused.status, refused.body.accepted, refused.body.rejected]).toEqual([422, 0, 4]);
    expect(codes(refused.body.items)).toEqual([
      [0, 'batch_rejected'],
      [1, 'invalid_request'],
      [2, 'invalid_payload'],
      [3, 'batch_rejected'],
    ]);
    const reused = await api.submitMany([echo(0), echo('other', { idempotencyKey: 'used' })], '?atomic=true');
    expect(codes(reused.body.items)).toEqual([
      [0, 'batch_rejected'],
      [1, 'idempotency_key_reused'],
    ]);
    expect((await api.get('/tasks')).body.items).toHaveLength(1);
    expect((await api.submitMany([echo(0), {}], '?atomic=false')).body.accepted).toBe(1);
  });

  it('answers 503 while the store is away', async () => {
    const api = createApi();
    vi.spyOn(api.store.records, 'insertAll').mockRejectedValue(new StoreUnavailableError('away'));
    expect((await api.submitMany([echo(1)], '?atomic=true')).status).toBe(503);
  });

  it('is not for lines', async () => {
    const { status, body } = await createApi().submitMany('{}\n', '?atomic=true');
    expect([status, body.errors[0].parameter]).toEqual([400, 'atomic']);
  });
});
