import type { System } from '../ports/system.ts';
import type { TaskFilter } from '../ports/task-records.ts';
import { matchesFilter } from '../task-filter.ts';
import type { ChangeListener, TaskChange } from './live-changes.ts';

/** What waits for a follower: a change, or a position up to which all has been told. */
export type Waiting =
  | { readonly change: TaskChange; readonly position?: undefined }
  | { readonly position: string; readonly change?: undefined };

/** The changes that a filter finds and that wait for one follower; bounded. */
export interface ChangeQueue {
  readonly listener: ChangeListener;
  /** The next; `undefined` while none waits; `behind` when more came than can wait, which are gone. */
  take(): Waiting | 'behind' | undefined;
  /** Resolves when there is something to take, or when it is woken. */
  filled(): Promise<void>;
  wake(): void;
  clear(): void;
}

/** More changes than this do not wait. */
const maxWaiting = 1_000;
/** How often a position is passed on though nothing was told, ms. */
const positionEveryMs = 10_000;

/** Makes an empty queue. */
export function createChangeQueue(filter: TaskFilter, system: Pick<System, 'monotonicMs'>): ChangeQueue {
  let waiting: Waiting[] = [];
  let isBehind = false;
  let toldSince = false;
  let positionAt = system.monotonicMs();
  let wake = () => {};

  return {
    listener: {
      changed: (changes) => {
        const found = changes.filter(({ task }) => matchesFilter(task, filter));
        if (found.length === 0 || isBehind) return;
        isBehind = waiting.length + found.length > maxWaiting;
        if (isBehind) waiting = [];
        else for (const change of found) waiting.push({ change });
        toldSince = true;
        wake();
      },
      reached: (position) => {
        const now = system.monotonicMs();
        if (isBehind || (!toldSince && now - positionAt < positionEveryMs)) return;
        toldSince = false;
        positionAt = now;
        waiting.push({ position });
        wake();
      },
    },
    take: () => (isBehind ? 'behind' : waiting.shift()),
    filled: () =>
      new Promise((resolve) => {
        wake = resolve;
        if (isBehind || waiting.length > 0) resolve();
      }),
    wake: () => wake(),
    clear: () => {
      waiting = [];
      isBehind = false;
    },
  };
}
