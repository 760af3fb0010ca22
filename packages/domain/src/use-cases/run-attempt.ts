import type { AbortHandle } from '../abort.ts';
import { AttemptSupersededError, PermanentError, type StopReason } from '../errors.ts';
import { cleanText, maxTextLength, messageOf, toStorableJson } from '../json.ts';
import type { AttemptRef, Attempts, ClaimedAttempt, SettleAnswer, Settlement } from '../ports/attempts.ts';
import type { Log } from '../ports/log.ts';
import type { System } from '../ports/system.ts';
import type { TaskBroker } from '../ports/task-broker.ts';
import type { TaskEvents } from '../ports/task-events.ts';
import type { AnyTaskType, Catalogue, HandlerContext } from '../task-type.ts';
import { type HandlerRun, runHandler } from './run-handler.ts';
import { settlementOf } from './settlement.ts';
import { validatePayload } from './validate-payload.ts';

/** What running attempts needs. */
export interface AttemptRunnerDeps {
  readonly catalogue: Catalogue;
  readonly attempts: Attempts;
  readonly broker: TaskBroker;
  readonly events: TaskEvents;
  readonly system: System;
  readonly log: Log;
  /** How a handler submits further tasks. */
  readonly submit: HandlerContext['submit'];
  /** How long a stopped handler has to end before it is abandoned, ms. */
  readonly graceMs: number;
}

/** Runs claimed attempts and settles them. */
export interface AttemptRunner {
  /** Runs one attempt to its settlement. Never rejects; an attempt that is running here already is not run twice. */
  run(claimed: ClaimedAttempt): Promise<void>;
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
  readonly done: Promise<void>;
  run: HandlerRun | undefined;
  stopped: StopReason | undefined;
}

const handBack: Settlement = { outcome: 'interrupted' };

/** Makes a runner. */
export function createAttemptRunner(deps: AttemptRunnerDeps): AttemptRunner {
  const { catalogue, attempts, broker, events, system, log } = deps;
  const running = new Map<string, Held>();
  let abandoned = 0;
  let givenUp = false;

  const stopHeld = (held: Held, reason: StopReason) => {
    held.stopped ??= reason;
    held.run?.stop(reason);
  };

  const runHeld = async (held: Held): Promise<void> => {
    const { claimed } = held;
    const taskType = catalogue.get(claimed.type);
    const settlement = taskType ? await execute(held, taskType).catch(unreadable) : handBack;
    if (settlement) await settle(claimed, settlement);
  };

  /** What a handler gave may throw when it is looked at. Left unsettled, its task would run again for ever. */
  const unreadable = (error: unknown): Settlement => {
    log.error({ err: error }, 'what a handler gave could not be read');
    const message = cleanText(`what the handler gave cannot be read: ${messageOf(error)}`);
    return { outcome: 'failed', error: { code: 'handler_error', message }, next: 'failed' };
  };

  const execute = async (held: Held, taskType: AnyTaskType): Promise<Settlement | undefined> => {
    const { claimed } = held;
    const abort = system.abortHandle();
    const limits = { timeoutMs: claimed.timeoutMs, graceMs: deps.graceMs };
    let over = false;
    const context = contextOf(claimed, () => over || held.run?.stopped !== undefined, abort);
    held.run = runHandler(system, abort, limits, () => invoke(taskType, claimed, context));
    if (held.stopped) held.run.stop(held.stopped);
    const end = await held.run.end;
    over = true;
    if (end.kind === 'abandoned') {
      abandoned++;
      log.warn(
        { taskId: claimed.taskId, type: claimed.type, reason: end.stopped },
        'a handler ignored its signal and was abandoned',
      );
    } else if (end.kind === 'threw') {
      log.debug(
        { err: end.error, taskId: claimed.taskId, type: claimed.type, attempt: claimed.attempt },
        'attempt failed',
      );
    }
    return settlementOf(claimed, end, system.now(), system.random());
  };

  const settle = async (ref: ClaimedAttempt, settlement: Settlement): Promise<void> => {
    const answer = await settleForSure(ref, settlement);
    if (!answer) return;
    if (answer.kind === 'superseded') {
      log.info(
        { taskId: ref.taskId, attempt: ref.attempt },
        'a late result was dropped: the attempt had been superseded',
      );
      return;
    }
    events.publish([{ kind: 'state', taskId: ref.taskId, state: answer.state }]);
    if (answer.state !== 'queued') return;
    const { taskId, queue, priority } = ref;
    await broker
      .dispatch([{ taskId, dispatch: answer.dispatch, queue, priority }])
      .catch((error: unknown) => log.debug({ err: error, taskId }, 'dispatch failed, the steward will mend it'));
  };

  /** A store that is away is never a failed attempt: the slot stays taken until it answers. */
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

  const contextOf = (ref: AttemptRef, isOver: () => boolean, abort: AbortHandle): HandlerContext => {
    const guard = () => {
      if (isOver()) throw new AttemptSupersededError(ref.taskId, ref.attempt);
    };
    const write = async (written: Promise<boolean>, kind: 'progress' | 'log') => {
      if (!(await written)) {
        stopHeldOf(ref, 'superseded');
        throw new AttemptSupersededError(ref.taskId, ref.attempt);
      }
      events.publish([{ kind, taskId: ref.taskId }]);
    };
    return {
      taskId: ref.taskId,
      attempt: ref.attempt,
      get signal() {
        return abort.signal;
      },
      progress: async (value) => {
        guard();
        await write(attempts.progress(ref, storableProgress(value)), 'progress');
      },
      log: async (message) => {
        guard();
        await write(attempts.log(ref, [cleanText(String(message))]), 'log');
      },
      submit: async (type, payload, options) => {
        guard();
        return deps.submit(type, payload, options);
      },
    };
  };

  const stopHeldOf = (ref: AttemptRef, reason: StopReason) => {
    const held = running.get(keyOf(ref.taskId, ref.attempt));
    if (held) stopHeld(held, reason);
  };

  return {
    run: (claimed) => {
      const key = keyOf(claimed.taskId, claimed.attempt);
      const present = running.get(key);
      if (present) return present.done;
      let resolve = () => {};
      const done = new Promise<void>((r) => {
        resolve = r;
      });
      const held: Held = { claimed, done, run: undefined, stopped: undefined };
      running.set(key, held);
      runHeld(held)
        .catch((error: unknown) => log.error({ err: error, taskId: claimed.taskId }, 'an attempt could not be run'))
        .finally(() => {
          running.delete(key);
          resolve();
        });
      return done;
    },
    stop: (taskId, reason, attempt) => {
      for (const held of running.values()) {
        const { claimed } = held;
        if (claimed.taskId === taskId && (attempt === undefined || claimed.attempt === attempt)) stopHeld(held, reason);
      }
    },
    stopAll: (reason) => {
      for (const held of running.values()) stopHeld(held, reason);
    },
    holds: (taskId, attempt) => running.has(keyOf(taskId, attempt)),
    held: () => [...running.values()].map((held) => held.claimed),
    idle: async () => {
      await Promise.all([...running.values()].map((held) => held.done));
    },
    giveUp: () => {
      givenUp = true;
    },
    get abandoned() {
      return abandoned;
    },
  };
}

async function invoke(taskType: AnyTaskType, claimed: ClaimedAttempt, context: HandlerContext): Promise<unknown> {
  const payload = await parsePayload(taskType, claimed);
  const result: unknown = await taskType.handler(payload, context);
  if (!taskType.result) return result;
  const checked = await taskType.result['~standard'].validate(result);
  if (!checked.issues) return checked.value;
  const detail = checked.issues.map((issue) => issue.message).join('; ');
  throw new PermanentError(`the result does not fit its schema: ${detail}`, { code: 'invalid_result' });
}

/** The type's schema may have changed since the task was accepted: that does not mend itself. */
async function parsePayload(taskType: AnyTaskType, claimed: ClaimedAttempt): Promise<unknown> {
  try {
    return await validatePayload(taskType, claimed.payload);
  } catch (error) {
    throw new PermanentError(error instanceof Error ? error.message : String(error), {
      code: 'invalid_payload',
      cause: error,
    });
  }
}

/** Progress never fails a task: what cannot be stored as it is becomes a text, cleaned and cut. */
function storableProgress(value: unknown) {
  if (typeof value === 'string') return cleanText(value);
  const storable = toStorableJson(value);
  if ('problem' in storable) return cleanText(`unreadable progress: ${storable.problem.detail}`);
  const text = JSON.stringify(storable.value);
  return text.length > maxTextLength ? cleanText(text) : storable.value;
}

function keyOf(taskId: string, attempt: number): string {
  return `${taskId}/${attempt}`;
}
