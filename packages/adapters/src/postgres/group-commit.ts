import { setTimeout as sleep } from 'node:timers/promises';
import { createOpenCalls, type OpenCall } from './open-calls.ts';
import type { WriteVerdict } from './sql-errors.ts';

/** How calls are gathered into batches. */
export interface GroupCommitOptions<Item, Answer> {
  /** Writes a batch in one statement; the answers stand in the order of the items. */
  readonly write: (items: readonly Item[]) => Promise<readonly Answer[]>;
  /** Tells what a failed write means. */
  readonly verdictOf: (error: unknown) => WriteVerdict;
  /** No two items of one key are written at the same time. Default: none has a key. */
  readonly keyOf?: ((item: Item) => string) | undefined;
  /** Whether a batch is sorted by key, so that two batches never wait for each other in a circle. Default: by arrival. */
  readonly sorted?: boolean | undefined;
  /** About how large an item is, bytes. Default: nothing. */
  readonly bytesOf?: ((item: Item) => number) | undefined;
  /** How many batches may be written at the same time. */
  readonly parallelism: number;
  /** An item that has not been answered for so long, ms, is rejected, and left out of the batch if it still waits. */
  readonly deadlineMs: number;
  readonly maxRows?: number | undefined;
  readonly maxBytes?: number | undefined;
}

/** Writes the calls that come while a batch is being written as the next batch. */
export interface GroupCommit<Item, Answer> {
  /**
   * Has an item written.
   * @throws StoreUnavailableError when its deadline has passed; what `write` threw, if that is no fault of another item.
   */
  submit(item: Item): Promise<Answer>;
  /** Resolves when everything has been answered. */
  idle(): Promise<void>;
}

interface Entry<Item, Answer> extends OpenCall<Answer> {
  readonly item: Item;
  readonly key: string | undefined;
}

const defaultMaxRows = 500;
const defaultMaxBytes = 4 * 1024 * 1024;
/** Between two tries of what is blocked, ms: a deadlock or a conflict is reported without any wait. */
const pauseMs = 10;

/**
 * Makes a group. While nothing is being written an item is written at once, so an idle system has no delay; while
 * something is, the next batch gathers, so a busy one writes hundreds of items per statement.
 *
 * One item never fails its neighbours: a batch that is refused is halved until the culprits stand alone, and a batch
 * that is blocked by somebody's lock is written item by item, the blocked ones apart from all others until their
 * deadline.
 */
export function createGroupCommit<Item, Answer>(options: GroupCommitOptions<Item, Answer>): GroupCommit<Item, Answer> {
  type E = Entry<Item, Answer>;
  const { write, verdictOf, keyOf, parallelism, deadlineMs } = options;
  const open = createOpenCalls<Answer, E>();
  const busyKeys = new Set<string>();
  const blocked: E[] = [];
  let waiting: E[] = [];
  let writers = 0;
  let writingBlocked = false;
  let scheduled = false;

  const release = ({ key }: E) => {
    if (key !== undefined) busyKeys.delete(key);
  };

  const fail = (entry: E, error: unknown) => {
    release(entry);
    open.fail(entry, error);
  };

  const writeBatch = async (batch: readonly E[]): Promise<void> => {
    try {
      const answers = await write(batch.map((entry) => entry.item));
      if (answers.length !== batch.length) throw new Error(`${answers.length} answers to ${batch.length} items`);
      for (const [i, entry] of batch.entries()) {
        release(entry);
        open.succeed(entry, answers[i] as Answer);
      }
    } catch (error) {
      await writeAgain(batch, error);
    }
  };

  const writeAgain = async (batch: readonly E[], error: unknown): Promise<void> => {
    const verdict = verdictOf(error);
    const divisible = verdict === 'refused' || verdict === 'blocked';
    if (batch.length === 1 && verdict === 'blocked') {
      blocked.push(...batch);
      void writeBlocked();
    } else if (batch.length === 1 || !divisible) {
      for (const entry of batch) fail(entry, error);
    } else {
      // Halves find a refused item quickly; a blocked one costs a lock timeout each time it is tried with others.
      const partSize = verdict === 'refused' ? Math.ceil(batch.length / 2) : 1;
      for (let i = 0; i < batch.length; i += partSize) await writeBatch(batch.slice(i, i + partSize));
    }
  };

  /** Writes the blocked items one by one, round after round, beside the others' batches. */
  const writeBlocked = async () => {
    if (writingBlocked) return;
    writingBlocked = true;
    for (let entry = blocked.shift(); entry; entry = blocked.shift()) {
      await sleep(pauseMs);
      if (open.has(entry)) await writeBatch([entry]);
      else release(entry);
      schedule();
    }
    writingBlocked = false;
  };

  const start = () => {
    scheduled = false;
    while (writers < parallelism && waiting.length > 0) {
      const { batch, left } = gather(waiting.filter(open.has), busyKeys, options);
      waiting = left;
      if (batch.length === 0) return;
      writers++;
      void writeBatch(batch).then(() => {
        writers--;
        schedule();
      });
    }
  };

  /** The calls of one turn of the event loop come together. */
  const schedule = () => {
    if (scheduled || waiting.length === 0 || writers >= parallelism) return;
    scheduled = true;
    setImmediate(start);
  };

  return {
    submit: (item) =>
      new Promise<Answer>((resolve, reject) => {
        const deadlineAt = performance.now() + deadlineMs;
        const entry: E = {
          item,
          key: keyOf?.(item),
          deadlineAt,
          resolve,
          reject,
          before: undefined,
          after: undefined,
        };
        open.add(entry);
        waiting.push(entry);
        schedule();
      }),
    idle: open.idle,
  };
}

/** The next batch, its keys taken; what does not fit, or whose key is being written, is left. */
function gather<Item, Answer>(
  waiting: readonly Entry<Item, Answer>[],
  busyKeys: Set<string>,
  { bytesOf, sorted, maxRows = defaultMaxRows, maxBytes = defaultMaxBytes }: GroupCommitOptions<Item, Answer>,
) {
  const batch: Entry<Item, Answer>[] = [];
  const left: Entry<Item, Answer>[] = [];
  let bytes = 0;
  for (const entry of waiting) {
    const { key } = entry;
    const size = bytesOf?.(entry.item) ?? 0;
    const fits = batch.length < maxRows && (batch.length === 0 || bytes + size <= maxBytes);
    if (!fits || (key !== undefined && busyKeys.has(key))) {
      left.push(entry);
      continue;
    }
    bytes += size;
    if (key !== undefined) busyKeys.add(key);
    batch.push(entry);
  }
  if (sorted) batch.sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1));
  return { batch, left };
}
