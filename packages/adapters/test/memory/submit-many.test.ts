import {
  BatchRejectedError,
  createNavette,
  defineTask,
  InvalidRequestError,
  StoreUnavailableError,
  type SubmitOutcome,
} from '@navette/domain';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import {
  createManualSystem,
  createMemoryBroker,
  createMemoryEvents,
  createMemoryStore,
} from '../../src/memory/index.ts';
import { createPromise } from './stage.ts';

const greet = defineTask({ type: 'greet', payload: z.strictObject({ name: z.string() }), handler: () => null });
const resize = defineTask({
  type: 'resize',
  queue: 'media',
  payload: z.strictObject({ width: z.int() }),
  handler: () => null,
});

function open() {
  const system = createManualSystem();
  const store = createMemoryStore({ system });
  const broker = createMemoryBroker({ store });
  const navette = createNavette({ store, broker, events: createMemoryEvents(), system, tasks: [greet, resize] });
  onTestFinished(() => navette.close());
  const insert = vi.spyOn(store.records, 'insert');
  const dispatch = vi.spyOn(broker, 'dispatch');
  return { navette, store, insert, dispatch };
}

const greetings = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ type: greet, payload: { name: `${n}` } }));
const codes = (outcomes: readonly SubmitOutcome[]) => outcomes.map(({ task, error }) => error?.code ?? task?.type);
const sizes = (call: { mock: { calls: readonly (readonly [readonly unknown[]])[] } }) =>
  call.mock.calls.map(([items]) => items.length);

describe('submitMany', () => {
  test('tells whoever gives the name of a type how to submit by name', async () => {
    const { navette } = open();
    const named = (name: string) => name as unknown as typeof greet;
    const told = '"greet" is no task type: give what defineTask gave, or submit by name with submitRequest';
    await expect(navette.submit(named('greet'), { name: 'Ada' })).rejects.toThrow(told);
    await expect(navette.submitMany([{ type: named('greet'), payload: { name: 'Ada' } }])).rejects.toThrow(told);
  });

  test('tells of each submission what became of it, in their order', async () => {
    const { navette } = open();
    const outcomes = await navette.submitMany([
      { type: greet, payload: { name: 'Ada' }, priority: 'high', idempotencyKey: 'k' },
      // @ts-expect-error: the payload of another type
      { type: resize, payload: { name: 'Ada' } },
      { type: resize, payload: { width: 3 }, delayMs: 1_000 },
      { type: resize, payload: { width: 3 }, timeoutMs: 0 },
      { type: greet, payload: { name: 'Ada' }, priority: 'high', idempotencyKey: 'k' },
      { type: greet, payload: { name: 'Bob' }, idempotencyKey: 'k' },
    ]);
    expect(codes(outcomes)).toEqual([
      'greet',
      'invalid_payload',
      'resize',
      'invalid_request',
      'greet',
      'idempotency_key_reused',
    ]);
    expect(outcomes.map((outcome) => outcome.task && outcome.replayed)).toMatchObject({ 0: false, 2: false, 4: true });
    expect(outcomes[4]?.task?.id).toBe(outcomes[0]?.task?.id);
    expect(await navette.get(outcomes[0]!.task!.id)).toMatchObject({ priority: 'high', state: 'queued' });
  });

  test('gives the store and the broker a thousand at a time', async () => {
    const { navette, insert, dispatch } = open();
    const outcomes = await navette.submitMany(greetings(2_500));
    expect(outcomes.map(({ task }) => task?.payload)).toEqual(greetings(2_500).map(({ payload }) => payload));
    expect(sizes(insert)).toEqual([1_000, 1_000, 500]);
    expect(sizes(dispatch)).toEqual([1_000, 1_000, 500]);
  });

  test('hands over what is queued and new, and only tells of what is scheduled', async () => {
    const { navette, dispatch } = open();
    await navette.submitMany([
      { type: greet, payload: { name: 'later' }, delayMs: 1 },
      { type: greet, payload: { name: 'now' }, idempotencyKey: 'k' },
      { type: greet, payload: { name: 'now' }, idempotencyKey: 'k' },
    ]);
    expect(sizes(dispatch)).toEqual([1]);
  });

  test('waits for a broker that is slower than the store', async () => {
    const { navette, insert, dispatch } = open();
    const taken = createPromise<void>();
    dispatch.mockReturnValue(taken.promise);
    const submitting = navette.submitMany(greetings(3_000));
    await vi.waitFor(() => expect(dispatch).toHaveBeenCalledTimes(1));
    expect(insert).toHaveBeenCalledTimes(1);
    taken.resolve();
    expect(await submitting).toHaveLength(3_000);
  });

  test('goes on without a broker', async () => {
    const { navette, dispatch } = open();
    dispatch.mockRejectedValue(new Error('away'));
    const outcomes = await navette.submitMany(greetings(2_000));
    expect(outcomes.every(({ task }) => task)).toBe(true);
  });

  test('rejects if the store is away from the beginning', async () => {
    const { navette, insert } = open();
    insert.mockRejectedValue(new StoreUnavailableError('away'));
    await expect(navette.submitMany(greetings(2_000))).rejects.toThrow(StoreUnavailableError);
    expect(insert).toHaveBeenCalledTimes(1);
  });

  test('tells what may not be recorded if the store goes away in between, and tries nothing more', async () => {
    const { navette, insert, dispatch } = open();
    const { insert: real } = createMemoryStore({ system: createManualSystem() }).records;
    insert.mockImplementationOnce(real).mockRejectedValue(new StoreUnavailableError('away'));
    const outcomes = await navette.submitMany([...greetings(3_999), { type: greet, payload: { name: 1 as never } }]);
    expect(new Set(codes(outcomes.slice(0, 1_000)))).toEqual(new Set(['greet']));
    expect(new Set(codes(outcomes.slice(1_000, 3_999)))).toEqual(new Set(['store_unavailable']));
    expect(codes(outcomes.slice(3_999))).toEqual(['invalid_payload']);
    expect([insert, dispatch].map((call) => call.mock.calls.length)).toEqual([2, 1]);
  });

  test('tries nothing more when the store left some in the dark', async () => {
    const { navette, insert, dispatch } = open();
    const { insert: real } = createMemoryStore({ system: createManualSystem() }).records;
    insert.mockImplementation(async (tasks) => {
      const outcomes = await real(tasks);
      return [
        outcomes[0]!,
        ...outcomes.slice(1).map(() => ({ kind: 'unknown' as const, error: new StoreUnavailableError('away') })),
      ];
    });
    const outcomes = await navette.submitMany(greetings(2_000));
    expect(codes(outcomes)).toEqual(['greet', ...Array(1_999).fill('store_unavailable')]);
    expect([sizes(insert), sizes(dispatch)]).toEqual([[1_000], [1]]);
  });

  test('answers nothing to nothing', async () => {
    const { navette, insert } = open();
    expect(await navette.submitMany([])).toEqual([]);
    expect(insert).not.toHaveBeenCalled();
  });
});

describe('submitMany, all or nothing', () => {
  test('records all', async () => {
    const { navette, dispatch } = open();
    const outcomes = await navette.submitMany(greetings(1_000), { atomic: true });
    expect(codes(outcomes)).toEqual(Array(1_000).fill('greet'));
    expect(sizes(dispatch)).toEqual([1_000]);
  });

  test('records nothing where some are refused, and says which', async () => {
    const { navette, store, dispatch } = open();
    await navette.submit(greet, { name: 'Ada' }, { idempotencyKey: 'used' });
    dispatch.mockClear();
    const refused = navette.submitMany(
      [
        { type: greet, payload: { name: 'Ada' } },
        { type: resize, payload: { width: 0.5 } },
        { type: greet, payload: { name: 'Ada' }, timeoutMs: 0 },
      ],
      { atomic: true },
    );
    await expect(refused).rejects.toThrow(BatchRejectedError);
    await expect(refused).rejects.toMatchObject({
      refusals: [
        { index: 1, error: { code: 'invalid_payload' } },
        { index: 2, error: { code: 'invalid_request' } },
      ],
    });
    const reused = navette.submitMany([...greetings(2), { ...greetings(1)[0]!, idempotencyKey: 'used' }], {
      atomic: true,
    });
    await expect(reused).rejects.toMatchObject({ refusals: [{ index: 2, error: { code: 'idempotency_key_reused' } }] });
    expect((await store.records.search({ limit: 10 })).items).toHaveLength(1);
    expect(dispatch).not.toHaveBeenCalled();
  });

  test('is bounded', async () => {
    const { navette } = open();
    await expect(navette.submitMany(greetings(1_001), { atomic: true })).rejects.toThrow(InvalidRequestError);
  });
});

describe('submitRequests', () => {
  test('gives a request that was refused before its place', async () => {
    const { navette } = open();
    const error = new InvalidRequestError([{ pointer: '#/x', detail: 'is not a known field' }]);
    const request = { type: 'greet', payload: { name: 'Ada' } };
    expect(codes(await navette.submitRequests([{ request }, { error }, { request }]))).toEqual([
      'greet',
      'invalid_request',
      'greet',
    ]);
    const atomic = navette.submitRequests([{ request }, { error }], { atomic: true });
    await expect(atomic).rejects.toMatchObject({ refusals: [{ index: 1, error }] });
  });

  test('keeps the keys of different callers apart, and goes by what was sent', async () => {
    const { navette } = open();
    const one = (scope: string, sent: string) =>
      navette.submitRequests([{ request: { type: 'greet', payload: { name: 'Ada' }, idempotencyKey: 'k' }, sent }], {
        scope,
      });
    expect(await one('alice', 'x')).toMatchObject([{ replayed: false }]);
    expect(await one('bob', 'y')).toMatchObject([{ replayed: false }]);
    expect(await one('alice', 'x')).toMatchObject([{ replayed: true }]);
    expect(codes(await one('alice', 'y'))).toEqual(['idempotency_key_reused']);
  });
});

describe('within a transaction', () => {
  test('tasks run after the commit, and never after a rollback', async () => {
    const { navette, store } = open();
    await navette.work().ready;
    const [kept, lost] = [store.begin(), store.begin()];
    const task = await navette.within(kept).submit(greet, { name: 'Ada' });
    const gone = await navette.within(lost).submit(greet, { name: 'Bob' });
    await kept.commit();
    await lost.rollback();
    expect(await navette.wait(task.id)).toMatchObject({ state: 'completed' });
    await expect(navette.get(gone.id)).rejects.toMatchObject({ code: 'task_not_found' });
    await expect(navette.within(store.begin()).submitMany(greetings(2), { atomic: true })).resolves.toHaveLength(2);
  });
});
