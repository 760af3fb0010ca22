import type { TaskEvent } from '@navette/domain';

/** Hears of events. */
export type EventListener = (event: TaskEvent) => void;

/** Delivers events within this process: to the listeners of their task, and to those that listen to all. */
export interface EventFanOut {
  /** Listens to one task, or to all (`undefined`); the answer ends it. */
  add(taskId: string | undefined, listener: EventListener): () => void;
  /** Calls everyone concerned. A listener that throws keeps no other from hearing it. */
  deliver(event: TaskEvent): void;
  /** Forgets every listener. */
  clear(): void;
}

/** Makes a fan-out; `onError` is told what listeners throw. */
export function createEventFanOut(onError: (error: unknown) => void = () => {}): EventFanOut {
  const listeners = new Map<string | undefined, Set<EventListener>>();

  const call = (listener: EventListener, event: TaskEvent) => {
    try {
      listener(event);
    } catch (error) {
      onError(error);
    }
  };

  return {
    add: (taskId, listener) => {
      // Wrapped, so that a function that is added twice is called twice and removed once at a time.
      const entry: EventListener = (event) => listener(event);
      const entries = listeners.get(taskId) ?? new Set();
      listeners.set(taskId, entries.add(entry));
      return () => {
        entries.delete(entry);
        if (entries.size === 0 && listeners.get(taskId) === entries) listeners.delete(taskId);
      };
    },
    deliver: (event) => {
      for (const listener of listeners.get(event.taskId) ?? []) call(listener, event);
      for (const listener of listeners.get(undefined) ?? []) call(listener, event);
    },
    clear: () => listeners.clear(),
  };
}
