import type { Log } from '../ports/log.ts';

/** The parts of a round of the steward. */
export interface Chores {
  /** One that fails does not keep the others from their turn, and is reported once until it works again. */
  chore<T>(name: string, work: () => Promise<T>): Promise<T | undefined>;
  /** Repeats a step, which answers how many rows it was about, while it finds full pages; whether it came to an end. */
  drain(step: () => Promise<number>, steps?: number): Promise<boolean>;
  /** Whether a chore failed when it was done last. */
  isFailing(name: string): boolean;
}

/** Steps of one kind in a row before the others get a turn. */
export const stepsInARow = 20;

/**
 * Makes them; once it is stopped nothing is begun.
 * @param stepSize rows of a full page
 */
export function createChores(deps: {
  readonly log: Log;
  readonly isStopped: () => boolean;
  readonly stepSize: number;
}): Chores {
  const { log, isStopped, stepSize } = deps;
  const failing = new Set<string>();
  return {
    chore: async (name, work) => {
      if (isStopped()) return undefined;
      try {
        const done = await work();
        failing.delete(name);
        return done;
      } catch (error) {
        if (failing.has(name)) return undefined;
        failing.add(name);
        log.warn({ err: error, chore: name }, 'a chore of the steward failed, it is tried again every round');
        return undefined;
      }
    },
    drain: async (step, steps = stepsInARow) => {
      for (let i = 0; i < steps && !isStopped(); i++) if ((await step()) < stepSize) return true;
      return false;
    },
    isFailing: (name) => failing.has(name),
  };
}
