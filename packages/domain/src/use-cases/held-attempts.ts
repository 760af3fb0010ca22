import type { Attempts } from '../ports/attempts.ts';
import type { Log } from '../ports/log.ts';
import type { TaskEvents } from '../ports/task-events.ts';
import type { Renewal } from '../ports/upkeep.ts';
import type { AttemptRunner } from './run-attempt.ts';

/** Keeps what runs here and what the store says runs here the same. */
export interface HeldAttempts {
  /** Compares the two, at each renewal. */
  follow(renewal: Renewal): void;
  /** Hands back what the store has and this worker has not; for the end, when nothing can be on its way any more. */
  handBackUnknown(renewal: Renewal): Promise<void>;
}

/** Makes the comparison for one worker. */
export function createHeldAttempts(deps: {
  readonly worker: string;
  readonly runner: Pick<AttemptRunner, 'held' | 'holds' | 'stop'>;
  readonly attempts: Pick<Attempts, 'settle'>;
  readonly events: TaskEvents;
  readonly log: Log;
}): HeldAttempts {
  const { worker, runner, attempts, events, log } = deps;
  let unknownBefore = new Set<string>();
  let missingBefore = new Set<string>();

  const handBack = async (taskId: string, attempt: number): Promise<void> => {
    try {
      const answer = await attempts.settle({ taskId, attempt, worker }, { outcome: 'interrupted' });
      log.warn({ taskId, attempt }, 'handed back an attempt whose claim was lost');
      // The steward of a broker apart finds it unconfirmed; the store as queue needs to be woken only.
      if (answer.kind === 'settled') events.publish([{ kind: 'state', taskId, state: answer.state }]);
    } catch (error) {
      log.warn({ err: error, taskId }, 'could not hand back an attempt, trying again');
    }
  };

  /** Attempts that run here but not in the store, at two renewals in a row: a settle may be under way at one. */
  const missingTwice = (stored: ReadonlySet<string>) => {
    const missing = runner.held().filter(({ taskId, attempt }) => !stored.has(`${taskId}/${attempt}`));
    const twice = missing.filter(({ taskId, attempt }) => missingBefore.has(`${taskId}/${attempt}`));
    missingBefore = new Set(missing.map(({ taskId, attempt }) => `${taskId}/${attempt}`));
    return twice;
  };

  return {
    follow: ({ held }) => {
      const stored = new Set(held.map(({ taskId, attempt }) => `${taskId}/${attempt}`));
      const unknown = new Set<string>();
      for (const { taskId, attempt, cancelRequested } of held) {
        if (cancelRequested) runner.stop(taskId, 'cancelled', attempt);
        if (runner.holds(taskId, attempt)) continue;
        const key = `${taskId}/${attempt}`;
        // A claim whose reply was lost: not held for two renewals, so it is not merely on its way.
        if (unknownBefore.has(key)) void handBack(taskId, attempt);
        else unknown.add(key);
      }
      unknownBefore = unknown;
      for (const { taskId, attempt } of missingTwice(stored)) runner.stop(taskId, 'superseded', attempt);
    },
    handBackUnknown: async ({ held }) => {
      const unknown = held.filter(({ taskId, attempt }) => !runner.holds(taskId, attempt));
      await Promise.all(unknown.map(({ taskId, attempt }) => handBack(taskId, attempt)));
    },
  };
}
