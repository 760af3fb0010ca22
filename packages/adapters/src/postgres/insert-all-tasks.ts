import { setTimeout as sleep } from 'node:timers/promises';
import type { InsertOutcome, TaskInserts } from '@navette/domain';
import { whyUnstorable } from '../unstorable-task.ts';
import { createInsertAnyTasks, createInsertSteps, type InsertAnyTasks, prepareTask } from './insert-any-tasks.ts';
import { verdictOf } from './sql-errors.ts';
import type { StoreParts } from './store-parts.ts';

/** Lets a body write, and undoes what it wrote if it rejects. */
export type Undoing = (body: (write: InsertAnyTasks) => Promise<InsertOutcome[]>) => Promise<InsertOutcome[]>;

const withheld: InsertOutcome = { kind: 'withheld' };

/** Makes an insert that is all or nothing. */
export function createInsertAll(undoing: Undoing): TaskInserts['insertAll'] {
  return async (tasks) => {
    const details = tasks.map(whyUnstorable);
    if (details.some((detail) => detail !== undefined)) {
      return details.map((detail) => (detail === undefined ? withheld : { kind: 'refused', detail }));
    }
    if (tasks.length === 0) return [];
    const batch = tasks.map(prepareTask);
    try {
      return await undoing(async (write) => {
        const outcomes = await write(batch);
        if (outcomes.some(({ kind }) => kind === 'keyReused')) throw new KeyReused(outcomes);
        return outcomes;
      });
    } catch (error) {
      if (error instanceof KeyReused) return error.outcomes;
      if (verdictOf(error) !== 'refused') throw error;
      const detail = 'cannot be stored, or one of those that were to be recorded with it cannot';
      return tasks.map(() => ({ kind: 'refused', detail }));
    }
  };
}

/** Thrown so that what was written is undone. */
class KeyReused extends Error {
  readonly outcomes: InsertOutcome[];
  constructor(outcomes: readonly InsertOutcome[]) {
    super('an idempotency key stands for another request');
    this.outcomes = outcomes.map((outcome) => (outcome.kind === 'keyReused' ? outcome : withheld));
  }
}

/** Between two tries of what somebody's lock blocks, ms. */
const pauseMs = 10;

/**
 * Lets a body write in a transaction of its own. One that is blocked by somebody's lock is tried again until the deadline,
 * and one whose connection broke is tried once more.
 */
export function undoingInTransaction({ quick, quickMs, schema, keepKeysMs }: StoreParts): Undoing {
  return async (body) => {
    const deadlineAt = performance.now() + quickMs;
    for (let lost = 0; ; ) {
      try {
        return await quick.transact((run) => body(createInsertAnyTasks(createInsertSteps(run, schema, keepKeysMs))));
      } catch (error) {
        const verdict = verdictOf(error);
        const again = verdict === 'lost' ? lost++ === 0 : verdict === 'blocked' && performance.now() < deadlineAt;
        if (!again) throw error;
        await sleep(pauseMs);
      }
    }
  };
}
