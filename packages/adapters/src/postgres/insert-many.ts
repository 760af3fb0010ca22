import { type InsertOutcome, type NewTask, StoreUnavailableError } from '@navette/domain';
import { insertStorable } from '../unstorable-task.ts';
import { createInsertAnyTasks, type InsertSteps, prepareTask } from './insert-any-tasks.ts';
import { type Prepared, sizeOf } from './prepared.ts';
import { toDomainError, verdictOf } from './sql-errors.ts';
import type { StoreParts } from './store-parts.ts';

/** The tasks of one call that go in one statement. */
type Call = readonly Prepared<NewTask>[];

/** A call that is larger is divided. */
const maxOfCall = { rows: 1_000, bytes: 4 * 1024 * 1024 };
/** Calls at the same time share a statement of about this size: a thousand small tasks. */
const sharedBytes = 384 * 1024;

/**
 * Makes the insert of many tasks: each call is a batch by itself, and small calls at the same time go together. A call
 * that cannot be written as a whole, because PostgreSQL refuses a row of it or somebody holds a key, is written task by
 * task.
 */
export function createInsertMany(
  { group, patientMs }: Pick<StoreParts, 'group' | 'patientMs'>,
  steps: InsertSteps,
  insertOne: (task: NewTask) => Promise<InsertOutcome>,
) {
  const write = createInsertAnyTasks(steps);
  const insertCall = group<Call, InsertOutcome[] | undefined>({
    write: async (calls) => {
      try {
        const outcomes = await write(calls.flat());
        return calls.map(({ length }) => outcomes.splice(0, length));
      } catch (error) {
        const verdict = verdictOf(error);
        if (calls.length > 1 || (verdict !== 'refused' && verdict !== 'blocked')) throw error;
        return [undefined];
      }
    },
    bytesOf: (call) => call.reduce((sum, item) => sum + sizeOf(item), 0),
    maxBytes: sharedBytes,
    // Others' calls may come first; each statement has the deadline of what somebody waits for.
    deadlineMs: patientMs,
  });

  const insertEach = (call: Call) => Promise.all(call.map(({ of }) => insertOne(of).catch(unknownFor)));

  const insertCalls = async (tasks: readonly NewTask[]): Promise<InsertOutcome[]> => {
    const outcomes: InsertOutcome[] = [];
    const calls = callsOf(tasks);
    for (const [place, call] of calls.entries()) {
      try {
        outcomes.push(...((await insertCall(call)) ?? (await insertEach(call))));
      } catch (error) {
        if (place === 0) throw error;
        // Nothing more is tried: each further call would only wait for its deadline.
        const left = unknownFor(error);
        return [...outcomes, ...calls.slice(place).flatMap((unanswered) => unanswered.map(() => left))];
      }
    }
    return outcomes;
  };

  return (tasks: readonly NewTask[]) => insertStorable(tasks, insertCalls);
}

/** The tasks by statements, in their order. */
export function callsOf(tasks: readonly NewTask[]): Call[] {
  const calls: Prepared<NewTask>[][] = [];
  let bytes = 0;
  for (const item of tasks.map(prepareTask)) {
    const last = calls.at(-1);
    const fits = last && last.length < maxOfCall.rows && bytes + sizeOf(item) <= maxOfCall.bytes;
    if (fits) last.push(item);
    else calls.push([item]);
    bytes = (fits ? bytes : 0) + sizeOf(item);
  }
  return calls;
}

/** What became of a task that an error left in the dark. @throws the error, if it is not one of a store that is away */
function unknownFor(cause: unknown): InsertOutcome {
  const error = toDomainError(cause);
  if (!(error instanceof StoreUnavailableError)) throw error;
  return { kind: 'unknown', error };
}
