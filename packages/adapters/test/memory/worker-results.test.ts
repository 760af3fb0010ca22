import { AttemptSupersededError, type HandlerContext, RetryAfterError } from '@navette/domain';
import { describe, expect, test } from 'vitest';
import { createPromise, createStage, taskOf } from './stage.ts';

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
const deep = (depth: number): unknown => (depth === 0 ? 1 : [deep(depth - 1)]);
const throwing = () => {
  throw new Error('unreadable');
};

/** What a handler may return though it can be stored nowhere. */
const poison: Readonly<Record<string, unknown>> = {
  'a BigInt': { n: 1n },
  'a cycle': cyclic,
  'U+0000': 'a\u0000b',
  'a lone surrogate': { text: '\ud800' },
  'too deep a value': deep(65),
  'a value 20,000 deep': deep(5_000),
  Infinity: { n: Number.POSITIVE_INFINITY },
  'a toJSON that throws': { toJSON: throwing },
  'a getter that throws': Object.defineProperty({}, 'x', { enumerable: true, get: throwing }),
  'a hostile proxy': new Proxy({}, { ownKeys: throwing, getPrototypeOf: throwing }),
};

/** What a handler may throw, and what its message becomes. */
const thrown: Readonly<Record<string, [unknown, RegExp]>> = {
  'a text': ['just a text', /^just a text$/],
  undefined: [undefined, /^undefined$/],
  null: [null, /^null$/],
  'an error whose message is a number': [Object.assign(new Error(), { message: 42 }), /^42$/],
  'an error whose message cannot be read': [Object.defineProperty(new Error(), 'message', { get: throwing }), /\w/],
  'an object without a prototype': [Object.create(null), /\w/],
  'U+0000 and lone surrogates': [new Error('a\u0000b\ud800'), /^a\ufffdb\ufffd$/],
  'a long message': [new Error('x'.repeat(100_000)), /^x{8191}…$/],
  'a retry that names no time': [new RetryAfterError('soon' as unknown as number, 'busy'), /^busy$/],
};

/** What a handler may throw that throws again when it is looked at. */
const hostile: Readonly<Record<string, object>> = {
  'an error whose code cannot be read': Object.defineProperty(new Error('mine'), 'code', { get: throwing }),
  'a proxy': new Proxy({}, { get: throwing, has: throwing, getPrototypeOf: throwing }),
};

describe('what a handler gives', () => {
  for (const [what, value] of Object.entries(poison)) {
    test(`fails the task for good if it is ${what}`, async () => {
      const { system, process } = createStage();
      const task = taskOf(() => value);
      const navette = process([task]);
      navette.work();
      const { id } = await navette.submit(task, null);
      await system.advance(10_000);
      const error = { code: 'invalid_result' };
      expect(await navette.get(id)).toMatchObject({ state: 'failed', attempt: 1, result: null, error });
    });
  }

  for (const [what, [value, message]] of Object.entries(thrown)) {
    test(`is an error like any other if it throws ${what}`, async () => {
      const { system, process } = createStage();
      const task = taskOf(() => Promise.reject(value), { retry: { maxAttempts: 2 } });
      const navette = process([task]);
      navette.work();
      const { id } = await navette.submit(task, null);
      await system.advance(10_000);
      const error = { code: 'handler_error', message: expect.stringMatching(message) };
      expect(await navette.get(id)).toMatchObject({ state: 'failed', spent: 2, error });
    });
  }

  for (const [what, value] of Object.entries(hostile)) {
    test(`fails the task for good if it throws what cannot be looked at: ${what}`, async () => {
      const { system, process } = createStage();
      const task = taskOf(() => Promise.reject(value));
      const navette = process([task]);
      navette.work();
      const { id } = await navette.submit(task, null);
      await system.advance(10_000);
      expect(await navette.get(id)).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'handler_error' } });
    });
  }

  test('is stored as JSON writes it', async () => {
    const { system, process } = createStage();
    const values = [undefined, { at: new Date(0), gone: undefined }, [true], 'text', new Map([[1, 2]])];
    const task = taskOf((payload) => values[payload as number]);
    const navette = process([task]);
    navette.work();
    const ids: string[] = [];
    for (const n of values.keys()) ids.push((await navette.submit(task, n)).id);
    await system.advance(0);
    const results = await Promise.all(ids.map(async (id) => (await navette.get(id)).result));
    expect(results).toEqual([null, { at: '1970-01-01T00:00:00.000Z' }, [true], 'text', {}]);
  });

  test('is cleaned and cut in progress and log', async () => {
    const { system, process } = createStage();
    const reports: unknown[] = [{ done: 1 }, 'a\u0000b', { n: 1n }, cyclic, 'x'.repeat(10_000), Array(9_000).fill(1)];
    const seen: unknown[] = [];
    const task = taskOf(async (_payload, { progress, log, taskId }) => {
      for (const report of reports) {
        await progress(report);
        seen.push((await navette.get(taskId)).progress);
      }
      await log('a\u0000b\udc00');
      await log('y'.repeat(10_000));
      await log(42 as unknown as string);
    });
    const navette = process([task]);
    navette.work();
    const { id } = await navette.submit(task, null);
    await system.advance(0);
    expect((await navette.get(id)).state).toBe('completed');
    expect(seen.slice(0, 2)).toEqual([{ done: 1 }, 'a\ufffdb']);
    for (const unreadable of seen.slice(2, 4)) expect(unreadable).toMatch(/^unreadable progress: /);
    for (const long of seen.slice(4)) expect(long).toHaveLength(8_192);
    const lines = (await navette.logs(id)).items.map(({ message }) => message);
    expect(lines).toEqual(['a\ufffdb\ufffd', `${'y'.repeat(8_191)}…`, '42']);
  });
});

describe('what a handler may do', () => {
  test('is to submit further tasks', async () => {
    const { system, process } = createStage();
    const child = taskOf((payload) => ({ got: payload }), { type: 'child' });
    const parent = taskOf(async (_payload, { submit }) => (await submit(child, { from: 'parent' })).id, {
      type: 'parent',
    });
    const navette = process([parent, child]);
    navette.work();
    const { id } = await navette.submit(parent, null);
    await system.advance(0);
    const { result } = await navette.get(id);
    expect(await navette.get(String(result))).toMatchObject({
      state: 'completed',
      result: { got: { from: 'parent' } },
    });
  });

  test('is nothing once its attempt has been superseded', async () => {
    const { system, process } = createStage();
    const context = createPromise<HandlerContext>();
    const task = taskOf(
      async (_payload, given) => {
        context.resolve(given);
        await createPromise<never>().promise;
      },
      { timeoutMs: 1_000 },
    );
    const navette = process([task]);
    navette.work();
    const { id } = await navette.submit(task, null);
    const { progress, log, submit } = await context.promise;
    await progress('still mine');
    await system.advance(1_000);
    await expect(progress('too late')).rejects.toThrow(AttemptSupersededError);
    await expect(log('too late')).rejects.toThrow(AttemptSupersededError);
    await expect(submit(task, null)).rejects.toThrow(AttemptSupersededError);
    expect(await navette.get(id)).toMatchObject({ progress: 'still mine' });
    expect((await navette.search()).items).toHaveLength(1);
  });
});
