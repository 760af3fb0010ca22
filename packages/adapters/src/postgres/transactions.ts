import { randomUUID } from 'node:crypto';
import type { InsertOutcome, NewTask, TaskInserts, Transactions } from '@navette/domain';
import { insertStorable } from '../unstorable-task.ts';
import { readCommitted, tasksOf, toldText } from './committed-line.ts';
import { createInsertAll } from './insert-all-tasks.ts';
import {
  admittedTasks,
  askedText,
  createInsertAnyTasks,
  type InsertAnyTasks,
  type WinnerRow,
  winnersText,
} from './insert-any-tasks.ts';
import { callsOf } from './insert-many.ts';
import { insertFrom, tasksByIdText } from './insert-tasks.ts';
import type { Signals } from './signals.ts';
import { statement } from './statement.ts';
import type { InsertedRow, TaskRow } from './task-row.ts';
import { type RunInTransaction, runnerOf } from './user-transaction.ts';

/** What the role stands on. */
export interface TransactionsOptions {
  readonly schema: string;
  readonly keepKeysMs: number;
  /** Carry the commits, on the channel that is named as the schema is. */
  readonly signals: Pick<Signals, 'onLine' | 'listening'>;
  /** One session for all: whoever wants to listen waits for the end of the transaction. */
  readonly embedded: boolean;
}

// As JSON text: what becomes of other types on somebody else's connection is up to its type parsers.
const insertText = `${askedText}, inserted as (${insertFrom(admittedTasks, ', queue, priority')}), ${toldText}
select row_to_json(i)::text as row from inserted i cross join (select count(*) from told) t`;
const rowsAsJson = (text: string) => `select row_to_json(r)::text as row from (${text}) r`;

/** Makes the role `transactions`. */
export function createTransactions({ schema, keepKeysMs, signals, embedded }: TransactionsOptions): Transactions {
  const origin = randomUUID();
  const insert = statement(schema, 'insert_within', insertText).text;
  const winners = statement(schema, 'key_winners_within', rowsAsJson(winnersText)).text;
  const byId = statement(schema, 'tasks_by_id_within', rowsAsJson(tasksByIdText)).text;
  let listeners = 0;

  /** Whoever is to hear of the commit listens before it. */
  const listen = async () => {
    if (embedded) void signals.listening();
    else if (listeners > 0) await signals.listening();
  };

  const writeBy = (run: RunInTransaction): InsertAnyTasks =>
    createInsertAnyTasks({
      insert: async (tasks) => rowsOf<InsertedRow>(await run(insert, [tasks, keepKeysMs, schema, origin])),
      winners: async (keys) => rowsOf<WinnerRow>(await run(winners, [keys])),
      byId: async (ids) => rowsOf<TaskRow>(await run(byId, [ids])),
    });

  return {
    within: (transaction): TaskInserts => {
      const run = runnerOf(transaction);
      const write = writeBy(run);
      const insertCalls = async (tasks: readonly NewTask[]) => {
        await listen();
        const outcomes: InsertOutcome[] = [];
        for (const call of callsOf(tasks)) outcomes.push(...(await write(call)));
        return outcomes;
      };
      return {
        insert: (tasks) => insertStorable(tasks, insertCalls),
        insertAll: createInsertAll((body) =>
          undoingToSavepoint(run, async () => {
            await listen();
            return body(write);
          }),
        ),
      };
    },
    onCommitted: (listener) => {
      listeners++;
      const leave = signals.onLine((line) => {
        const committed = readCommitted(line);
        if (committed?.origin === origin) listener(tasksOf(committed));
      });
      return () => {
        listeners--;
        leave();
      };
    },
  };
}

async function undoingToSavepoint<T>(run: RunInTransaction, body: () => Promise<T>): Promise<T> {
  await run('savepoint navette', []);
  try {
    const answer = await body();
    await run('release savepoint navette', []);
    return answer;
  } catch (error) {
    // The transaction goes on as if nothing had been tried; where that fails, too, the first error says more.
    await run('rollback to savepoint navette', []).catch(() => {});
    throw error;
  }
}

const moments = ['submitted_at', 'run_at', 'started_at', 'finished_at', 'expires_at', 'cancel_requested_at'];

/** The rows as `pg` gives them. */
function rowsOf<Row>(rows: readonly { readonly row: string }[]): Row[] {
  return rows.map(({ row }) => {
    const columns = JSON.parse(row) as Record<string, unknown>;
    for (const moment of moments) if (columns[moment]) columns[moment] = new Date(columns[moment] as string);
    return columns as Row;
  });
}
