import type { StopReason } from '../errors.ts';
import { cleanText, messageOf } from '../json.ts';
import type { AttemptObserver } from '../ports/attempt-observer.ts';
import type { AttemptRef, Attempts, ClaimedAttempt, SettleAnswer, Settlement } from '../ports/attempts.ts';
import type { Log } from '../ports/log.ts';
import type { System } from '../ports/system.ts';
import type { TaskBroker } from '../ports/task-broker.ts';
import type { TaskEvents } from '../ports/task-events.ts';
import type { AnyTaskType, Catalogue } from '../task-type.ts';
import { AttemptContext } from './handler-context.ts';
import { type HandlerLimits, HandlerRun } from './handler-run.ts';
import { invokeHandler } from './invoke-handler.ts';
import { RecentKeys } from './recent-keys.ts';
import { Registry } from './registry.ts';
import { settlementOf } from './settlement.ts';
import type { SubmitTask } from './submit-task.ts';

/** What running attempts needs. */
export interface AttemptRunnerDeps {
  readonly catalogue: Catalogue;
  readonly attempts: Attempts;
  readonly broker: TaskBroker;
  readonly events: TaskEvents;
  readonly system: System;
  readonly log: Log;
  /** How a handler submits further tasks. */
  readonly submitRequest: SubmitTask;
  /** How long a stopped handler has to end before it is abandoned, ms. */
  readonly graceMs: number;
  readonly observe?: AttemptObserver | undefined;
}

/** Runs claimed attempts and settles them. */
export interface AttemptRunner {
  /**
   * Runs one attempt to its settlement; `onRan` is called when its handler has ended. Never rejects; an attempt that is
   * running here already is not run twice, nor is one that was settled here a moment ago: a claim that was asked for
   * before its settlement may be granted after it.
   */
  run(claimed: ClaimedAttempt, onRan?: () => void): Promise<void>;
  /** Raises the signal of an attempt, if it runs here. */
  stop(taskId: string, reason: StopReason, attempt?: number): void;
  /** Raises every signal. */
  stopAll(reason: StopReason): void;
  /** Whether this attempt runs here. */
  holds(taskId: string, attempt: number): boolean;
  /** The attempts that run here. */
  held(): AttemptRef[];
  /** Resolves when nothing runs here any more, of what runs here now. */
  idle(): Promise<void>;
  /** Gives up settling: what cannot be written now is left to the lease. */
  giveUp(): void;
  /** Handlers that ignored their signal and were abandoned, since the start. */
  readonly abandoned: number;
}

interface Held {
  readonly claimed: ClaimedAttempt;
  readonly run: HandlerRun;
  done: Promise<void>;
}

/** Attempts that are known to have been settled here; a claim takes much less time than so many attempts. */
const rememberedSettled = 10_000;

const handBack: Settlement = { outcome: 'interrupted' };

/** Makes a runner. */
export function createAttemptRunner(deps: AttemptRunnerDeps): AttemptRunner {
  const { catalogue, attempts, broker, events, system, log, graceMs, observe } = deps;
  const running = new Registry<Held>();
  const settled = new RecentKeys(rememberedSettled);
  let abandoned = 0;
  let givenUp = false;

  const runHeld = async ({ claimed, run }: Held, key: string, onRan: (() => void) | undefined): Promise<void> => {
    try {
      const taskType = catalogue.get(claimed.type);
      const startedMs = observe ? system.monotonicMs() : 0;
      const settlement = taskType ? await execute(claimed, run, taskType) : handBack;
      const ranMs = observe ? system.monotonicMs() - startedMs : 0;
      onRan?.();
      const answer = settlement && (await settleForSure(claimed, settlement));
      if (!answer) return;
      settled.add(key);
      observe?.(claimed, answer.kind === 'superseded' ? answer.kind : settlement.outcome, ranMs);
      await follow(claimed, answer);
    } catch (error) {
      log.error({ err: error, taskId: claimed.taskId }, 'an attempt could not be run');
    } finally {
      running.delete(key);
    }
  };

  /** Runs the handler and decides what follows. */
  const execute = async (
    claimed: ClaimedAttempt,
    run: HandlerRun,
    taskType: AnyTaskType,
  ): Promise<Settlement | undefined> => {
    const context = new AttemptContext(deps, claimed, run);
    const end = await run.run(() => invokeHandler(taskType, claimed, context));
    const { taskId, type, attempt } = claimed;
    if (end.kind === 'abandoned') {
      abandoned++;
      log.warn({ taskId, type, reason: end.stopped }, 'a handler ignored its signal and was abandoned');
    } else if (end.kind === 'threw') {
      log.debug({ err: end.error, taskId, type, attempt }, 'attempt failed');
    }
    try {
      return settlementOf(claimed, end, system.now(), system.random());
    } catch (error) {
      return unreadable(error);
    }
  };

  /** What a handler gave may throw when it is looked at. Left unsettled, its task would run again for ever. */
  const unreadable = (error: unknown): Settlement => {
    log.error({ err: error }, 'what a handler gave could not be read');
    const message = cleanText(`what the handler gave cannot be read: ${messageOf(error)}`);
    return { outcome: 'failed', error: { code: 'handler_error', message }, next: 'failed' };
  };

  /** A store that is away is never a failed attempt: it stays unsettled until the store answers. */
  const settleForSure = async (ref: AttemptRef, settlement: Settlement): Promise<SettleAnswer | undefined> => {
    for (let tries = 1; !givenUp; tries++) {
      try {
        return await attempts.settle(ref, settlement);
      } catch (error) {
        log.warn({ err: error, taskId: ref.taskId, tries }, 'could not settle, trying again');
        await new Promise<void>((resolve) => void system.after(Math.min(100 * tries, 2_000), resolve));
      }
    }
    return undefined;
  };

  /** Tells of what was settled; only now that it is committed. */
  const follow = async (claimed: ClaimedAttempt, answer: SettleAnswer): Promise<void> => {
    const { taskId, attempt, queue, priority } = claimed;
    if (answer.kind === 'superseded') {
      log.info({ taskId, attempt }, 'a late result was dropped: the attempt had been superseded');
      return;
    }
    events.publish([{ kind: 'state', taskId, state: answer.state }]);
    if (answer.state !== 'queued') return;
    await broker
      .dispatch([{ taskId, dispatch: answer.dispatch, queue, priority }])
      .catch((error: unknown) => log.debug({ err: error, taskId }, 'dispatch failed, the steward will mend it'));
  };

  return {
    run: (claimed, onRan) => {
      const key = keyOf(claimed.taskId, claimed.attempt);
      const present = running.get(key);
      if (present) return present.done;
      if (settled.has(key)) return Promise.resolve();
      const limits: HandlerLimits = { timeoutMs: claimed.timeoutMs, graceMs };
      const held: Held = { claimed, run: new HandlerRun(system, limits), done: Promise.resolve() };
      running.add(key, held);
      held.done = runHeld(held, key, onRan);
      return held.done;
    },
    stop: (taskId, reason, attempt) => {
      for (const { claimed, run } of running.all()) {
        if (claimed.taskId === taskId && (attempt === undefined || claimed.attempt === attempt)) run.stop(reason);
      }
    },
    stopAll: (reason) => {
      for (const { run } of running.all()) run.stop(reason);
    },
    holds: (taskId, attempt) => running.has(keyOf(taskId, attempt)),
    held: () => running.all().map((held) => held.claimed),
    idle: async () => {
      await Promise.all(running.all().map((held) => held.done));
    },
    giveUp: () => {
      givenUp = true;
    },
    get abandoned() {
      return abandoned;
    },
  };
}

/** Most attempts are first ones: those cost no further text. */
function keyOf(taskId: string, attempt: number): string {
  return attempt === 1 ? taskId : `${taskId}/${attempt}`;
}
