import { StoreUnavailableError } from '@navette/domain';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGroupCommit, type GroupCommitOptions } from './group-commit.ts';
import type { WriteVerdict } from './sql-errors.ts';

/** An error of a write that carries its verdict. */
class WriteError extends Error {
  readonly verdict: WriteVerdict;
  constructor(verdict: WriteVerdict) {
    super(verdict);
    this.verdict = verdict;
  }
}

interface Batch {
  readonly items: readonly string[];
  answer(): void;
  fail(verdict: WriteVerdict): void;
}

/** A group over a write that is answered by hand; `nextBatch` waits for the next one. */
function createScene(options: Partial<GroupCommitOptions<string, string>> = {}) {
  const batches: Batch[] = [];
  let taken = 0;
  const group = createGroupCommit<string, string>({
    write: (items) =>
      new Promise((resolve, reject) => {
        batches.push({
          items,
          answer: () => resolve(items.map((item) => `${item}!`)),
          fail: (verdict) => reject(new WriteError(verdict)),
        });
      }),
    verdictOf: (error) => (error instanceof WriteError ? error.verdict : 'failed'),
    parallelism: 1,
    deadlineMs: 1_000,
    ...options,
  });
  const nextBatch = async (): Promise<Batch> => {
    await vi.waitFor(() => expect(batches.length).toBeGreaterThan(taken));
    return batches[taken++] as Batch;
  };
  return { group, nextBatch, submitAll: (...items: string[]) => items.map((item) => group.submit(item)) };
}

describe('what comes together', () => {
  test('is written together, and what comes meanwhile next', async () => {
    const { group, nextBatch, submitAll } = createScene();
    const first = submitAll('a', 'b');
    const batch = await nextBatch();
    expect(batch.items).toEqual(['a', 'b']);
    const second = submitAll('c', 'd');
    batch.answer();
    expect(await Promise.all(first)).toEqual(['a!', 'b!']);
    const next = await nextBatch();
    expect(next.items).toEqual(['c', 'd']);
    next.answer();
    expect(await Promise.all(second)).toEqual(['c!', 'd!']);
    await group.idle();
  });

  test('is bounded by rows', async () => {
    const { nextBatch, submitAll } = createScene({ maxRows: 2 });
    submitAll('a', 'b', 'c');
    const batch = await nextBatch();
    expect(batch.items).toEqual(['a', 'b']);
    batch.answer();
    expect((await nextBatch()).items).toEqual(['c']);
  });

  test('is bounded by bytes, but for one item that is larger by itself', async () => {
    const { nextBatch, submitAll } = createScene({ bytesOf: (item) => item.length, maxBytes: 5 });
    submitAll('larger', 'aa', 'bbb', 'c');
    for (const expected of [['larger'], ['aa', 'bbb'], ['c']]) {
      const batch = await nextBatch();
      expect(batch.items).toEqual(expected);
      batch.answer();
    }
  });

  test('is written by as many writers as there may be', async () => {
    const { nextBatch, submitAll } = createScene({ parallelism: 2 });
    submitAll('a');
    const [first] = [await nextBatch(), submitAll('b')];
    const second = await nextBatch();
    submitAll('c');
    second.answer();
    expect((await nextBatch()).items).toEqual(['c']);
    first.answer();
  });

  test('has at most one item of a key, in order of keys', async () => {
    const { nextBatch, submitAll } = createScene({ keyOf: (item) => item.slice(0, 1), sorted: true, parallelism: 2 });
    submitAll('b1', 'a1', 'b2', 'a2');
    const batch = await nextBatch();
    expect(batch.items).toEqual(['a1', 'b1']);
    submitAll('c1');
    expect((await nextBatch()).items).toEqual(['c1']);
    batch.answer();
    expect((await nextBatch()).items).toEqual(['a2', 'b2']);
  });
});

describe('a write that fails', () => {
  test('fails all its items', async () => {
    const { nextBatch, submitAll } = createScene();
    const answers = Promise.allSettled(submitAll('a', 'b'));
    (await nextBatch()).fail('failed');
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  test('fails them too when an answer is missing', async () => {
    const group = createGroupCommit<string, string>({
      write: async () => ['one answer'],
      verdictOf: () => 'failed',
      parallelism: 1,
      deadlineMs: 1_000,
    });
    const answers = await Promise.allSettled(['a', 'b'].map((item) => group.submit(item)));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  test('is halved until the refused items stand alone', async () => {
    const sizes: number[] = [];
    const group = createGroupCommit<number, number>({
      write: async (items) => {
        sizes.push(items.length);
        if (items.some((item) => item % 50 === 7)) throw new WriteError('refused');
        return items.map((item) => item * 2);
      },
      verdictOf: () => 'refused',
      parallelism: 1,
      deadlineMs: 1_000,
    });
    const answers = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => group.submit(i)));
    const refused = answers.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []));
    expect(refused).toEqual([7, 57]);
    expect(answers[99]).toEqual({ status: 'fulfilled', value: 198 });
    expect(sizes.length).toBeLessThan(40);
  });

  test('is written item by item when somebody holds a lock, and only the blocked item waits', async () => {
    let held = true;
    const group = createGroupCommit<string, string>({
      write: async (items) => {
        if (held && items.includes('blocked')) throw new WriteError('blocked');
        return items;
      },
      verdictOf: () => 'blocked',
      keyOf: (item) => item,
      parallelism: 1,
      deadlineMs: 10_000,
    });
    const blocked = group.submit('blocked');
    expect(await Promise.all([group.submit('a'), group.submit('b')])).toEqual(['a', 'b']);
    expect(await group.submit('later')).toBe('later');
    held = false;
    expect(await blocked).toBe('blocked');
  });
});

describe('a deadline', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  test('takes a waiting item out of the batch', async () => {
    const { nextBatch, submitAll, group } = createScene();
    const first = Promise.allSettled(submitAll('a'));
    const batch = await nextBatch();
    const second = Promise.allSettled(submitAll('b'));
    vi.advanceTimersByTime(1_001);
    for (const answers of [first, second]) {
      expect(await answers).toEqual([{ status: 'rejected', reason: expect.any(StoreUnavailableError) }]);
    }
    const third = submitAll('c');
    batch.answer();
    const next = await nextBatch();
    expect(next.items).toEqual(['c']);
    next.answer();
    expect(await Promise.all(third)).toEqual(['c!']);
    await group.idle();
  });

  test('ends the wait of a blocked item, whose key is free again then', async () => {
    vi.useRealTimers();
    let held = true;
    const group = createGroupCommit<string, string>({
      write: async (items) => {
        if (held) throw new WriteError('blocked');
        return items;
      },
      verdictOf: () => 'blocked',
      keyOf: (item) => item,
      parallelism: 1,
      deadlineMs: 50,
    });
    await expect(group.submit('a')).rejects.toThrow(StoreUnavailableError);
    held = false;
    expect(await group.submit('a')).toBe('a');
  });
});
