import type { AttemptRef } from '../ports/attempts.ts';
import type { System } from '../ports/system.ts';
import type { TaskEvents } from '../ports/task-events.ts';

/** Tells those who follow that tasks are running, if they run for longer than a moment. */
export interface RunningHints {
  start(): void;
  stop(): void;
}

/** An attempt that is under way at two looks in a row is told of, ms: short tasks cost nothing. */
const lookEveryMs = 100;

/** Makes the hints of one worker. @param held the attempts that run here, each the same object every time */
export function createRunningHints(
  held: () => readonly AttemptRef[],
  { events, system }: { readonly events: Pick<TaskEvents, 'publish'>; readonly system: Pick<System, 'after'> },
): RunningHints {
  let cancelTimer = () => {};
  /** Whether each attempt of the last look has been told of. */
  let known = new Map<AttemptRef, boolean>();

  const look = () => {
    const refs = held();
    const before = known;
    const fresh = refs.filter((ref) => before.get(ref) === false);
    known = new Map(refs.map((ref) => [ref, before.has(ref)]));
    if (fresh.length > 0) events.publish(fresh.map(({ taskId }) => ({ kind: 'state', taskId, state: 'running' })));
    cancelTimer = system.after(lookEveryMs, look);
  };

  return {
    start: () => {
      cancelTimer = system.after(lookEveryMs, look);
    },
    stop: () => cancelTimer(),
  };
}
