import { InvalidQueryError } from '@navette/domain';
import { describe, expect, test } from 'vitest';
import { maxLogLines } from '../../src/memory/attempts.ts';
import { createManualSystem, createMemoryStore, type MemoryStore } from '../../src/memory/index.ts';
import { describeStoreContract } from '../contracts/store-contract.ts';
import { newTask } from '../contracts/store-scene.ts';

describeStoreContract('memory', async () => {
  const system = createManualSystem();
  const store = createMemoryStore({ system });
  const begin = async () => {
    const handle = store.begin();
    return { handle, commit: handle.commit, rollback: handle.rollback };
  };
  return { store, now: system.now, advance: system.advance, begin, close: store.close };
});

describe('the memory store', () => {
  const open = () => createMemoryStore({ system: createManualSystem() });

  const running = async (store: MemoryStore) => {
    const task = newTask();
    await store.records.insert([task]);
    const [attempt] = await store.dequeue({ worker: 'w', types: [task.type] }, task.queue, 1);
    if (!attempt) throw new Error('expected an attempt');
    return attempt;
  };

  test('keeps a bounded log, and says where it ends', async () => {
    const store = open();
    const attempt = await running(store);
    const lines = Array.from({ length: maxLogLines + 500 }, (_, n) => `line ${n}`);
    expect(await store.attempts.log(attempt, lines)).toBe(true);
    expect(await store.attempts.log(attempt, ['one more'])).toBe(true);
    const { items } = await store.attempts.logs(attempt.taskId, { limit: 5_000 });
    expect(items).toHaveLength(maxLogLines + 1);
    expect(items.at(-2)?.message).toBe(`line ${maxLogLines - 1}`);
    expect(items.at(-1)?.message).toMatch(/further lines are dropped/);
  });

  test('takes no cursor of another list', async () => {
    const store = open();
    const attempt = await running(store);
    await store.attempts.log(attempt, ['a', 'b']);
    await store.records.insert([newTask(), newTask()]);
    const { nextCursor: ofLog } = await store.attempts.logs(attempt.taskId, { limit: 1 });
    const { nextCursor: ofTasks } = await store.records.search({ limit: 1 });
    if (!ofLog || !ofTasks) throw new Error('expected cursors');
    await expect(store.records.search({ limit: 1, cursor: ofLog })).rejects.toThrow(InvalidQueryError);
    await expect(store.attempts.logs(attempt.taskId, { limit: 1, cursor: ofTasks })).rejects.toThrow(InvalidQueryError);
  });

  test('lets a key be used again when it is older than it is kept', async () => {
    const system = createManualSystem();
    const store = createMemoryStore({ system, keepKeysMs: 1_000 });
    const idempotency = { scope: '', key: 'k', fingerprint: 'f' };
    await store.records.insert([newTask({ idempotency })]);
    await system.advance(1_000);
    expect(await store.records.insert([newTask({ idempotency })])).toMatchObject([{ kind: 'inserted' }]);
    expect(await store.records.insert([newTask({ idempotency })])).toMatchObject([{ kind: 'replayed' }]);
  });
});
