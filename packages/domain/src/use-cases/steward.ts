import type { Log } from '../ports/log.ts';
import type { System } from '../ports/system.ts';
import type { Dispatch, TaskBroker } from '../ports/task-broker.ts';
import type { TaskEvents } from '../ports/task-events.ts';
import type { TaskStore } from '../ports/task-store.ts';
import type { MovedTask } from '../ports/upkeep.ts';
import { createChores, stepsInARow } from './chores.ts';
import { checkEpoch, checkFresh, createSweep, freshAfterMs, type ReconcileDeps } from './reconcile.ts';
import { createTimetable } from './timetable.ts';

/** What the steward needs. */
export interface StewardDeps {
  readonly store: TaskStore;
  readonly broker: TaskBroker;
  readonly events: TaskEvents;
  readonly system: System;
  readonly log: Log;
  /** The worker whose steward it is, who judges others by their leases. */
  readonly judge: {
    readonly id: string;
    /** Whether it may: only after its own renewals have held for a whole lease. */
    readonly mayJudge: () => boolean;
    /** Called when the store does not hold its lease for live. */
    readonly onDoubt: () => void;
  };
  /** The queues that this worker consumes; their pause is copied to a broker apart from the store. */
  readonly queues: readonly string[];
  /** Finished tasks are kept this long, ms; `undefined`: for ever. */
  readonly retentionMs: number | undefined;
}

/** The background loop that promotes, recovers, hands over again, expires and prunes. Safe to run in every worker. */
export interface Steward {
  start(): void;
  /** Something may be due earlier than known: look, within 50 ms. */
  nudge(): void;
  /** Resolves when the step under way has ended; nothing else is begun. */
  stop(): Promise<void>;
  /** One whole round, as the loop runs it; how long (ms) until the next is due. */
  round(): Promise<number>;
}

/** Rows per step. */
const stepSize = 500;
/** Steps of a full check in a row that find nothing missing: workers take the same tasks in the same order, no hurry. */
const calmStepsInARow = 2;
/** A round at least this often, ms. */
const roundEveryMs = 1_000;
/** Nudges come by the hundred; from the start of one round to the next for their sake, ms. So late may be what they tell of. */
const nudgedEveryMs = 50;
const copyPausesEveryMs = 5_000;
const sweepEveryMs = 3_000;
const pruneEveryMs = 60_000;
/** Pruning may wait, and others must not wait for it: so few steps in a row. */
const pruneStepsInARow = 4;
const vacuumEveryMs = 300_000;
/** A step of a mass action takes the time of a hundred others, and what is due must not wait for many of them. */
const operationStepsInARow = 2;
const tallyEveryMs = 5_000;
/** Counting a task costs a hundredth of anything else that is done to it. */
const tallySize = 20_000;
const tallyStepsInARow = 5;

/** Makes a steward. */
export function createSteward(deps: StewardDeps): Steward {
  const { store, broker, events, system, log, judge } = deps;
  const { upkeep, ledger } = store;
  let stopped = false;
  const { chore, drain, isFailing } = createChores({ log, isStopped: () => stopped, stepSize });
  let roundAt = Number.NEGATIVE_INFINITY;
  const sweep = broker.audit && createSweep({ ledger, broker, audit: broker.audit });
  let pausesCopiedAt = Number.NEGATIVE_INFINITY;
  let sweptAt = system.monotonicMs();
  let prunedAt = system.monotonicMs();
  let vacuumedAt = system.monotonicMs();
  let talliedAt = system.monotonicMs();
  let operationsWait = false;
  let recounting = false;

  const announce = async (moved: readonly MovedTask[]) => {
    if (moved.length === 0) return;
    events.publish(moved.map(({ taskId, state }) => ({ kind: 'state' as const, taskId, state })));
    const dispatches = moved.map((task) => task.dispatch).filter((d): d is Dispatch => d !== undefined);
    if (dispatches.length > 0) await broker.dispatch(dispatches);
  };

  /** A broker may have lost a pause in a wipe, or missed the end of one while it was away. */
  const copyPauses = async () => {
    const paused = await store.control.pausedQueues();
    await Promise.all(deps.queues.map((queue) => broker.setPaused(queue, paused.includes(queue))));
  };

  /** Does what is due again after so long (ms) and gives the moment; `false` of it: there is more to do, go on soon. */
  const every = async (lastAt: number, intervalMs: number, work: () => Promise<unknown>): Promise<number> => {
    if (system.monotonicMs() - lastAt < intervalMs) return lastAt;
    return (await work()) === false ? lastAt : system.monotonicMs();
  };

  const checkFully = async (reconciling: ReconcileDeps) => {
    for (let steps = 0, calm = 0; steps < stepsInARow && calm < calmStepsInARow && !stopped; steps++) {
      const { more, missing } = await checkEpoch(reconciling, stepSize);
      if (!more) return;
      calm = missing > 0 ? 0 : calm + 1;
    }
  };

  const sweepOnce = async () => {
    const renewed = (await sweep?.(stepSize)) ?? 0;
    if (renewed > 0) log.warn({ tasks: renewed }, 'the broker had forgotten tasks without a sign');
  };

  /** Beside the rounds, one at a time, and not awaited at the end: it may take minutes, and what is due does not wait. */
  const recount = async () => {
    if (recounting) return;
    recounting = true;
    await chore('recount', async () => store.recount?.());
    recounting = false;
  };

  /** Whether all has been counted. */
  const tally = async (): Promise<boolean> => {
    for (let i = 0; i < tallyStepsInARow && !stopped; i++) {
      if (((await store.tally?.(tallySize)) ?? 0) < tallySize) {
        void recount();
        return true;
      }
    }
    return false;
  };

  /** Moves what is due; how long (ms) until the next is, at most a round. */
  const promote = async (): Promise<number> => {
    let nextDueMs = roundEveryMs;
    await chore('promote', () =>
      drain(async () => {
        const { promoted, nextDueInMs } = await upkeep.promoteDue(stepSize);
        nextDueMs = Math.min(roundEveryMs, nextDueInMs ?? roundEveryMs);
        await announce(promoted);
        return promoted.length;
      }),
    );
    return nextDueMs;
  };

  const move = (name: string, step: () => Promise<MovedTask[]>) =>
    chore(name, () =>
      drain(async () => {
        const moved = await step();
        await announce(moved);
        return moved.length;
      }),
    );

  const takeOperationStep = async (): Promise<number> => {
    const step = await store.operations.advance(stepSize);
    if (!step) return 0;
    if (step.cancelRequested.length > 0) {
      events.publish(step.cancelRequested.map((taskId) => ({ kind: 'cancel' as const, taskId })));
    }
    await announce(step.moved);
    return stepSize;
  };

  /** Takes some of the steps that the pace of mass actions allows now; the others in the next turn. */
  const operate = async () => {
    operationsWait = (await chore('operations', () => drain(takeOperationStep, operationStepsInARow))) === false;
  };

  const round = async (): Promise<number> => {
    await move('expire', () => upkeep.expire(stepSize));
    if (judge.mayJudge()) {
      await move('recover', async () => {
        const recovered = await upkeep.recoverLost(judge.id, stepSize);
        if (!recovered) {
          judge.onDoubt();
          return [];
        }
        if (recovered.length > 0) log.warn({ tasks: recovered.length }, 'took over tasks of a lost worker');
        return recovered;
      });
    }
    await operate();
    const { audit } = broker;
    if (audit) {
      const reconciling = { ledger, broker, audit };
      pausesCopiedAt = await every(pausesCopiedAt, copyPausesEveryMs, () => chore('pauses', copyPauses));
      const wasAway = isFailing('epoch');
      await chore('epoch', () => checkFully(reconciling));
      // Back again: what could not be handed over meanwhile has waited long enough.
      const freshMs = wasAway && !isFailing('epoch') ? 0 : freshAfterMs;
      await chore('fresh', () => drain(() => checkFresh(reconciling, stepSize, freshMs)));
      sweptAt = await every(sweptAt, sweepEveryMs, () => chore('sweep', sweepOnce));
    }
    const { retentionMs } = deps;
    if (retentionMs !== undefined) {
      prunedAt = await every(prunedAt, pruneEveryMs, () =>
        chore('prune', () => drain(() => upkeep.prune(stepSize, retentionMs), pruneStepsInARow)),
      );
    }
    if (store.vacuum) {
      vacuumedAt = await every(vacuumedAt, vacuumEveryMs, () => chore('vacuum', async () => store.vacuum?.()));
    }
    if (store.tally) talliedAt = await every(talliedAt, tallyEveryMs, () => chore('tally', tally));
    roundAt = system.monotonicMs();
    return promote();
  };

  /** Between two rounds: what must not wait for the next. */
  const shortRound = async (): Promise<number> => {
    if (operationsWait) await operate();
    return promote();
  };

  const timetable = createTimetable({
    system,
    betweenMs: nudgedEveryMs,
    work: async () => {
      const isFull = system.monotonicMs() - roundAt >= roundEveryMs;
      const nextMs = await (isFull ? round() : shortRound());
      return operationsWait ? 0 : nextMs;
    },
  });

  return {
    start: timetable.start,
    nudge: timetable.nudge,
    stop: () => {
      stopped = true;
      return timetable.stop();
    },
    round,
  };
}
