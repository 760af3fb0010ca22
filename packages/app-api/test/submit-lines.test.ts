import { StoreUnavailableError } from '@navette/domain';
import { describe, expect, it, vi } from 'vitest';
import { createApi } from './api.ts';

const line = (payload: unknown, more: object = {}) => `${JSON.stringify({ type: 'test.echo', payload, ...more })}\n`;
// biome-ignore lint/suspicious/noExplicitAny: items of either kind
const codes = (items: any[]) => items.map(({ index, task, problem }) => [index, task?.payload ?? problem.code]);
const types = { 'Content-Type': 'application/x-ndjson' };

/** A body that a test sends piece by piece. */
function pieces() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const cancelled = vi.fn();
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: cancelled,
  });
  const push = (text: string | Uint8Array) => controller.enqueue(typeof text === 'string' ? Buffer.from(text) : text);
  return { body, push, end: () => controller.close(), fail: (error: Error) => controller.error(error), cancelled };
}

/** Sends a body that goes on for a while; reads the answers one by one. */
async function exchange(api: ReturnType<typeof createApi>, body: ReadableStream) {
  const init = { method: 'POST', headers: types, body, duplex: 'half' } as RequestInit;
  const response = await api.app.request('/submit-tasks', init);
  const reader = response.body!.getReader();
  const next = async () => {
    const { value } = await reader.read();
    return (
      value &&
      Buffer.from(value)
        .toString()
        .trimEnd()
        .split('\n')
        .map((text) => JSON.parse(text))
    );
  };
  return { response, reader, next };
}

describe('POST /submit-tasks, line by line', () => {
  it('answers each line with a line', async () => {
    const api = createApi();
    const { status, headers, body } = await api.submitMany(`${line(0)}${line(1, { tags: ['a'] })}${line(2).trimEnd()}`);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    expect(codes(body)).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    const { attempts: _, ...task } = (await api.get(`/tasks/${body[1].task.id}`)).body;
    expect(body[1].task).toEqual(task);
  });

  it('tells what is wrong with a line, of this line alone', async () => {
    const api = createApi({ maxBodyBytes: 200 });
    const lines = [
      line(0),
      '{oops\n',
      ' \t\r\n',
      line('x'.repeat(200)),
      '[]\n',
      line(5, { wrong: 1 }),
      `{"type":"test.echo","payload":${'['.repeat(70)}${']'.repeat(70)}}\n`,
      '{"type":"nobody.knows","payload":1}\r\n',
      '"\u00ff"\n',
      line(9, { idempotencyKey: 'k' }),
      line(9, { idempotencyKey: 'k' }),
      line(11, { idempotencyKey: 'k' }),
    ];
    const sent = Buffer.concat(lines.map((text) => Buffer.from(text, text.includes('\u00ff') ? 'latin1' : 'utf8')));
    const { body } = await api.post('/submit-tasks', { headers: types, body: sent });
    expect(codes(body)).toEqual([
      [0, 0],
      [1, 'invalid_json'],
      [3, 'payload_too_large'],
      [4, 'invalid_request'],
      [5, 'invalid_request'],
      [6, 'invalid_request'],
      [7, 'unknown_task_type'],
      [8, 'invalid_json'],
      [9, 9],
      [10, 9],
      [11, 'idempotency_key_reused'],
    ]);
    expect(body[1].problem.detail).toMatch(/^the line is not JSON/);
    expect(body[9].task.id).toBe(body[8].task.id);
  });

  it('cares neither for the pieces in which lines come, nor for what stands beside them', async () => {
    const api = createApi();
    const text = Buffer.from(`${line('é\u2028')}\n${line('日本')}`);
    const { body, push, end } = pieces();
    for (const byte of text) push(Uint8Array.of(byte));
    end();
    const headers = { 'Content-Type': 'Application/X-NDJSON; charset=utf-8' };
    const { body: items } = await api.post('/submit-tasks', { headers, body });
    expect(codes(items)).toEqual([
      [0, 'é\u2028'],
      [2, '日本'],
    ]);
  });

  it('answers nothing to nothing, and refuses what is no affair of a line', async () => {
    const api = createApi();
    expect(await api.submitMany('\n \n')).toMatchObject({ status: 200, text: '' });
    expect(await api.post('/submit-tasks', { headers: types })).toMatchObject({ status: 200, text: '' });
    expect((await api.submitMany(line(1), '', { 'Idempotency-Key': 'k' })).status).toBe(422);
    expect((await api.submitMany(line(1), '?x=1')).status).toBe(400);
  });

  it('answers while lines are still being sent', async () => {
    const api = createApi();
    const { body, push, end } = pieces();
    const { next } = await exchange(api, body);
    push(line(0));
    expect(codes((await next())!)).toEqual([[0, 0]]);
    push(line(1).slice(0, 5));
    push(line(1).slice(5));
    expect(codes((await next())!)).toEqual([[1, 1]]);
    end();
    expect(await next()).toBeUndefined();
  });

  it('records together what came while others were recorded', async () => {
    const api = createApi();
    const insert = vi.spyOn(api.store.records, 'insert');
    const text = Array.from({ length: 3_000 }, (_, n) => line(n)).join('');
    const { body } = await api.submitMany(text);
    expect(codes(body)).toEqual(Array.from({ length: 3_000 }, (_, n) => [n, n]));
    expect(insert.mock.calls.map(([tasks]) => tasks.length)).toEqual([1_000, 1_000, 1_000]);
  });

  it('reads no further than it can record, and records no further than the answers are read', async () => {
    const api = createApi();
    const insert = vi.spyOn(api.store.records, 'insert');
    let sent = 0;
    const long = new ReadableStream<Uint8Array>({
      pull: (controller) => (sent < 20_000 ? controller.enqueue(Buffer.from(line(sent++))) : controller.close()),
    });
    const { next, reader } = await exchange(api, long);
    expect(codes((await next())!)[0]).toEqual([0, 0]);
    // All that can happen has happened when nothing more is asked of the sender.
    await vi.waitFor(async () => {
      const before = sent;
      await new Promise((resolve) => setImmediate(resolve));
      expect(sent).toBe(before);
    });
    const recorded = insert.mock.calls.reduce((sum, [tasks]) => sum + tasks.length, 0);
    expect(recorded).toBeLessThanOrEqual(3_000);
    expect(sent).toBeLessThanOrEqual(recorded + 1_010);
    await reader.cancel();
  });

  it('takes nothing more for a client that has gone', async () => {
    const api = createApi();
    const { body, push, cancelled } = pieces();
    const { next, reader } = await exchange(api, body);
    push(line(0));
    await next();
    await reader.cancel();
    expect(cancelled).toHaveBeenCalled();
    expect((await api.get('/tasks')).body.items).toHaveLength(1);
  });

  it('drops what had come without its end when the request breaks off', async () => {
    const api = createApi();
    const { body, push, fail } = pieces();
    const { next } = await exchange(api, body);
    push(line(0));
    expect(codes((await next())!)).toEqual([[0, 0]]);
    push(line(1).trimEnd());
    fail(new Error('aborted'));
    await expect(next()).rejects.toThrow('aborted');
    expect((await api.get('/tasks')).body.items).toHaveLength(1);
  });

  it('tells of each line that the store is away, and goes on when it is back', async () => {
    const warn = vi.fn();
    const api = createApi({ log: { debug() {}, info() {}, error() {}, warn } });
    const insert = vi.spyOn(api.store.records, 'insert').mockRejectedValueOnce(new StoreUnavailableError('away'));
    const { body, push, end } = pieces();
    const { next } = await exchange(api, body);
    push(`${line(0)}{oops\n${line(2)}`);
    expect(codes((await next())!)).toEqual([
      [0, 'store_unavailable'],
      [1, 'invalid_json'],
      [2, 'store_unavailable'],
    ]);
    push(line(3));
    expect(codes((await next())!)).toEqual([[3, 3]]);
    end();
    expect(await next()).toBeUndefined();
    expect([insert.mock.calls.length, warn.mock.calls.length]).toEqual([2, 1]);
  });

  it('tells nothing of an unexpected error, and logs it', async () => {
    const error = vi.fn();
    const api = createApi({ log: { debug() {}, info() {}, error, warn() {} } });
    vi.spyOn(api.store.records, 'insert').mockRejectedValue(new Error('select secret'));
    const { status, text, body } = await api.submitMany(line(0) + line(1));
    expect([status, codes(body)]).toEqual([
      200,
      [
        [0, 'internal_error'],
        [1, 'internal_error'],
      ],
    ]);
    expect(text).not.toContain('secret');
    expect(error).toHaveBeenCalledTimes(1);
  });

  it('ends its answer when the process stops: what has come is answered, nothing more is read', async () => {
    const stopping = new AbortController();
    const api = createApi({ stopping: stopping.signal });
    const { body, push, cancelled } = pieces();
    const { next } = await exchange(api, body);
    push(line(0));
    expect(codes((await next())!)).toEqual([[0, 0]]);
    stopping.abort();
    expect(await next()).toBeUndefined();
    expect(cancelled).toHaveBeenCalled();
    expect((await api.submitMany(line(1))).text).toBe('');
  });
});
