import type { AbortSignalLike } from '../abort.ts';
import { InvalidQueryError, StoreUnavailableError, TaskNotFoundError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Attempts, LogLine } from '../ports/attempts.ts';
import type { TaskFeed } from '../ports/task-feed.ts';
import type { TaskWithAttempts } from '../task.ts';
import { isTerminal } from '../task-state.ts';
import type { TaskWatch } from './task-watch.ts';

/** Something that happened to a task. `id` is where to go on after it. */
export type TaskNews =
  | { readonly kind: 'state'; readonly id: string; readonly task: TaskWithAttempts }
  | { readonly kind: 'progress'; readonly id: string; readonly value: Json }
  | { readonly kind: 'log'; readonly id: string; readonly line: LogLine };

/** Where following starts and what ends it. */
export interface FollowOptions {
  /** The `id` of the last news known. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignalLike | undefined;
}

/**
 * Follows a task to its end: its present state first, then the lines of its log and every change, the newest where there
 * were several. Gives `undefined` where `after` is its end already, so that nothing more is to come.
 *
 * The news wait for a store that is away. They end with the state that ends the task, or when the signal is raised.
 * @throws TaskNotFoundError, InvalidQueryError
 */
export type FollowTask = (taskId: string, options?: FollowOptions) => Promise<AsyncIterable<TaskNews> | undefined>;

/** How much of a task has been told. */
interface Place {
  readonly version: number;
  readonly logSeq: number;
}

/** Lines that are read at once. */
const linesAtOnce = 100;
/** Until a store that is away is asked again, ms. */
const patienceMs = 1_000;

/** Makes the use case. */
export function createFollowTask(deps: {
  readonly attempts: Pick<Attempts, 'logs'>;
  readonly feed: Pick<TaskFeed, 'taskWithLog'>;
  readonly watch: TaskWatch;
}): FollowTask {
  const { attempts, feed, watch } = deps;

  /** The lines of a log after one that is known, up to another. */
  async function* lines(taskId: string, known: number, last: number) {
    for (let after = known; after < last; ) {
      const { items } = await attempts.logs(taskId, { limit: linesAtOnce, after });
      yield* items;
      after = items.at(-1)?.seq ?? Number.POSITIVE_INFINITY;
    }
  }

  async function* follow(taskId: string, from: Place | undefined, signal: AbortSignalLike | undefined) {
    let place = from ?? { version: 0, logSeq: 0 };
    let told: Told | undefined;
    let presentFirst = from === undefined;

    const tell = (task: TaskWithAttempts): TaskNews => {
      place = { ...place, version: task.version };
      const id = writePlace(place);
      const telling = toldOf(task);
      const onlyProgress = told?.rest === telling.rest && told.progress !== telling.progress;
      told = telling;
      return onlyProgress ? { kind: 'progress', id, value: task.progress } : { kind: 'state', id, task };
    };

    /** Reads the task and tells what is new; whether it is over. Keeps nothing of it. */
    async function* read(): AsyncGenerator<TaskNews, boolean> {
      const present = await feed.taskWithLog(taskId);
      if (!present) return true;
      const { task, logSeq } = present;
      const isOver = isTerminal(task.state);
      if (presentFirst) yield tell(task);
      // A task that had ended when following began is told by its end alone.
      if (presentFirst && isOver) return true;
      presentFirst = false;
      // What was logged before the end is told before it.
      for await (const line of lines(taskId, place.logSeq, logSeq)) {
        place = { ...place, logSeq: line.seq };
        yield { kind: 'log', id: writePlace(place), line };
      }
      if (task.version > place.version) yield tell(task);
      return isOver;
    }

    const watcher = await watch.open(taskId, {
      heard: () => true,
      stands: (standing) => !standing || standing.version > place.version || standing.logSeq > place.logSeq,
    });
    try {
      while (!signal?.aborted) {
        let waitMs: number | undefined;
        try {
          if (yield* read()) return;
        } catch (error) {
          if (!(error instanceof StoreUnavailableError)) throw error;
          waitMs = patienceMs;
        }
        await watcher.news(waitMs, signal);
      }
    } finally {
      watcher.close();
    }
  }

  return async (taskId, { after, signal } = {}) => {
    const place = after === undefined ? undefined : readPlace(after);
    const present = await feed.taskWithLog(taskId);
    if (!present) throw new TaskNotFoundError(taskId);
    const { task } = present;
    if (place && isTerminal(task.state) && task.version <= place.version) return undefined;
    return follow(taskId, place, signal);
  };
}

/** What of a task tells whether it is only its progress that changed. */
interface Told {
  readonly progress: string;
  readonly rest: string;
}

function toldOf({ state, attempt, cancellation, progress }: TaskWithAttempts): Told {
  return { progress: JSON.stringify(progress), rest: JSON.stringify([state, attempt, cancellation]) };
}

function writePlace({ version, logSeq }: Place): string {
  return `${version}-${logSeq}`;
}

function readPlace(text: string): Place {
  const [, version, logSeq] = /^(\d{1,10})-(\d{1,10})$/.exec(text) ?? [];
  if (version === undefined || logSeq === undefined) {
    throw new InvalidQueryError('after', 'is not the id of an event of this task');
  }
  return { version: Number(version), logSeq: Number(logSeq) };
}
