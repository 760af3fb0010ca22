import { StoreUnavailableError } from '../errors.ts';
import type { System } from '../ports/system.ts';
import type { TaskFeed } from '../ports/task-feed.ts';
import type { TaskFilter } from '../ports/task-records.ts';
import { createChangeQueue } from './change-queue.ts';
import type { FollowOptions } from './follow-task.ts';
import type { Joined, LiveChanges, TaskChange } from './live-changes.ts';

/**
 * A change of a task that the filter finds, with the task as it is after it. `id` is where to go on: whoever does is told
 * again what came after the first news with that `id`. A `position` tells of no change, only of a later `id`.
 */
export type TasksNews = (TaskChange & { readonly id: string }) | { readonly kind: 'position'; readonly id: string };

/**
 * Follows all tasks that a filter finds, until the signal is raised: from now on, or after an `id`, without a gap.
 * Changes of a task that come close together may be told as one, the newest; after a break, or to somebody who takes
 * them slowly, some may be told twice, with the same `version`. Nothing gathers for who does not take them: they are
 * read again later.
 * @throws InvalidQueryError for an `after` that is not such an id, StoreUnavailableError
 */
export type FollowTasks = (filter: TaskFilter, options?: FollowOptions) => Promise<AsyncIterable<TasksNews>>;

/** Changes that are read at once for a follower who is behind. */
const tasksAtOnce = 200;
/** Until a store that is away is asked again, ms. */
const patienceMs = 1_000;

/** Makes the use case. */
export function createFollowTasks(deps: {
  readonly feed: TaskFeed;
  readonly live: LiveChanges;
  readonly system: Pick<System, 'after' | 'keepAlive' | 'monotonicMs'>;
}): FollowTasks {
  const { feed, live, system } = deps;

  /** What changed since a position. */
  async function* changesSince(id: string, filter: TaskFilter): AsyncGenerator<TasksNews> {
    let cursor: string | null = null;
    do {
      const page = await feed.changes(id, filter, tasksAtOnce, cursor);
      for (const task of page.tasks) yield { kind: 'state', id, task };
      cursor = page.next;
    } while (cursor !== null);
  }

  async function* follow(filter: TaskFilter, { after, signal }: FollowOptions): AsyncGenerator<TasksNews> {
    const queue = createChangeQueue(filter, system);
    let joined: Joined | undefined;
    let id = after ?? '';
    let isBehind = after !== undefined;
    const letGo = system.keepAlive();
    signal?.addEventListener('abort', queue.wake);
    try {
      while (!signal?.aborted) {
        try {
          if (!joined) {
            joined = await live.join(queue.listener);
            if (!isBehind) id = joined.position;
            if (!isBehind) yield { kind: 'position', id };
          }
          if (isBehind) {
            queue.clear();
            // Taken first: what changes while the rest is read comes after it, and is in the queue.
            const reached = await feed.position();
            yield* changesSince(id, filter);
            isBehind = false;
            id = reached;
            yield { kind: 'position', id };
          }
        } catch (error) {
          if (!(error instanceof StoreUnavailableError)) throw error;
          await new Promise<void>((resolve) => void system.after(patienceMs, resolve));
          continue;
        }
        const next = queue.take();
        if (next === 'behind') isBehind = true;
        else if (next === undefined) await queue.filled();
        else if (next.change) yield { ...next.change, id };
        else {
          id = next.position;
          yield { kind: 'position', id };
        }
      }
    } finally {
      letGo();
      joined?.leave();
      signal?.removeEventListener('abort', queue.wake);
    }
  }

  return async (filter, options = {}) => {
    // Both are known before anything is told: whether the store answers, and whether `after` is a position.
    const now = await feed.position();
    await feed.changes(options.after ?? now, { states: [] }, 1);
    return follow(filter, options);
  };
}
