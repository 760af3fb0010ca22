import type { AbortSignalLike } from '../abort.ts';
import type { Log } from '../ports/log.ts';
import type { System } from '../ports/system.ts';
import type { TaskEvent, TaskEvents } from '../ports/task-events.ts';
import type { Standing, TaskFeed } from '../ports/task-feed.ts';

/** How often the watched tasks are looked at although no event came, ms: a lost event costs this much. */
const lookEveryMs = 2_000;
/** How long the first who watches waits until events can be heard, ms. */
const listenWithinMs = 500;

/** What of a task is news to somebody. */
export interface Interest {
  /** Whether an event is a reason to read the task. */
  heard(event: TaskEvent): boolean;
  /** Whether the task, as it stands, is; `undefined`: there is no such task. */
  stands(standing: Standing | undefined): boolean;
}

/** Somebody who watches one task. */
export interface Watcher {
  /**
   * Resolves when there may have been news since it last resolved, when the time (ms) is up or when the signal is
   * raised. Whoever reads the task after that, and before the next call, misses nothing.
   */
  news(withinMs?: number, signal?: AbortSignalLike): Promise<void>;
  close(): void;
}

/**
 * Watches single tasks for many at once: one subscription and, every 2 s, one look at all of them. The process stays
 * alive while somebody watches.
 */
export interface TaskWatch {
  /** Starts to watch a task. Once this resolves, no news is missed for longer than 2 s. */
  open(taskId: string, interest: Interest): Promise<Watcher>;
}

interface Entry {
  readonly interest: Interest;
  readonly nudge: () => void;
}

/** Makes a watch. */
export function createTaskWatch(deps: {
  readonly feed: Pick<TaskFeed, 'standing'>;
  readonly events: TaskEvents;
  readonly system: Pick<System, 'after' | 'keepAlive'>;
  readonly log: Log;
}): TaskWatch {
  const { feed, events, system, log } = deps;
  const watched = new Map<string, Set<Entry>>();
  let listening: Promise<unknown> | undefined;
  let lookIsDue = false;

  /** Events that cannot be had cost the watchers no more than their looks. */
  const listen = async () => {
    listening ??= events
      .subscribe(undefined, (event) => {
        for (const { interest, nudge } of watched.get(event.taskId) ?? []) if (interest.heard(event)) nudge();
      })
      .catch((error: unknown) => {
        listening = undefined;
        log.debug({ err: error }, 'no events can be heard, tasks are looked at now and then');
      });
    let cancelTimer = () => {};
    const timeUp = new Promise<void>((resolve) => {
      cancelTimer = system.after(listenWithinMs, resolve);
    });
    await Promise.race([listening, timeUp]);
    cancelTimer();
  };

  const look = async (taskId: string, entries: ReadonlySet<Entry>) => {
    const standing = await feed.standing(taskId);
    for (const { interest, nudge } of entries) if (interest.stands(standing)) nudge();
  };

  const lookLater = () => {
    if (lookIsDue || watched.size === 0) return;
    lookIsDue = true;
    system.after(lookEveryMs, () => {
      Promise.all([...watched].map(([taskId, entries]) => look(taskId, entries)))
        .catch((error: unknown) => log.debug({ err: error }, 'could not look at the watched tasks'))
        .then(() => {
          lookIsDue = false;
          lookLater();
        });
    });
  };

  return {
    open: async (taskId, interest) => {
      const letGo = system.keepAlive();
      const watcher = createWatcher(system);
      const entry = { interest, nudge: watcher.nudge };
      const entries = watched.get(taskId) ?? new Set();
      watched.set(taskId, entries.add(entry));
      lookLater();
      await listen();
      return {
        news: watcher.news,
        close: () => {
          entries.delete(entry);
          if (entries.size === 0 && watched.get(taskId) === entries) watched.delete(taskId);
          letGo();
        },
      };
    },
  };
}

function createWatcher(system: Pick<System, 'after'>) {
  let nudged = false;
  let wake = () => {};
  return {
    nudge: () => {
      nudged = true;
      wake();
    },
    news: (withinMs?: number, signal?: AbortSignalLike) =>
      new Promise<void>((resolve) => {
        let cancelTimer = () => {};
        wake = () => {
          nudged = false;
          cancelTimer();
          signal?.removeEventListener('abort', wake);
          wake = () => {};
          resolve();
        };
        if (nudged || signal?.aborted) return wake();
        if (withinMs !== undefined) cancelTimer = system.after(withinMs, wake);
        signal?.addEventListener('abort', wake);
      }),
  };
}
