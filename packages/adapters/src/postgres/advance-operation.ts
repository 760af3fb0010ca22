import {
  type Operation,
  type OperationFailure,
  type OperationStep,
  operableFilter,
  type TaskFilter,
} from '@navette/domain';
import { CompiledQuery, type Kysely, type Selectable, sql } from 'kysely';
import type { Database, OperationsTable } from './database.ts';
import { filterOfJson } from './operation-filter.ts';
import { statement } from './statement.ts';
import type { StoreParts } from './store-parts.ts';
import { cancelText, retryText } from './task-moves.ts';
import { type Place, pageOfTasks } from './task-pages.ts';
import { type DispatchRow, dispatchOfRow, type TaskRow } from './task-row.ts';

/** After a pause, work of this time is made up for at most, ms. */
const burstMs = 2_000;
/** To find the next tasks takes this long at most, ms. */
const findWithinMs = 4_000;
/** Somebody's lock on a task is waited for so long; then the step is taken back and tried again later, ms. */
const lockWithinMs = 250;
/** An operation whose step failed is left alone for so long, so that the others get their turn, ms. */
const pauseMs = 5_000;

/** From when on its pace counts. */
const pacedFrom = `greatest(paced_at, now() - interval '${burstMs} ms')`;
/** How many tasks the pace of an operation allows now. */
const allowance = `floor(extract(epoch from now() - ${pacedFrom}) * per_second)::integer`;
const isDue = `state = 'running' and ${allowance} > 0`;

const dueText = `select from $schema.operations where ${isDue} limit 1`;

type Row = Pick<Selectable<OperationsTable>, 'id' | 'action' | 'filter' | 'created_at' | 'failures'> & {
  readonly reached_ms: number | null;
  readonly reached_id: string | null;
  readonly allowed: number;
};

/** What a step must know of a task afterwards: hundreds of payloads would be read, and parsed here, for nothing. */
type ActedRow = DispatchRow & Pick<TaskRow, 'state'>;
const actedColumns = 't.id, t.state, t.dispatch, t.queue, t.priority';

/** What a step has done to a page of tasks. */
interface Done {
  readonly step: OperationStep;
  readonly failures: Operation['failures'];
  readonly failed: number;
}

/**
 * Makes the step of an operation. What it does to the tasks, and how far it has come, is one transaction: so no task is
 * done twice, and a step that was cut off has not been.
 */
export function createAdvanceOperation({ schema, patient, pinnedDb, searchDb }: StoreParts) {
  const due = statement(schema, 'operation_due', dueText);
  const texts = {
    cancel: cancelText(actedColumns).replaceAll('$schema', schema),
    retry: retryText(actedColumns).replaceAll('$schema', schema),
  };
  const operations = sql.raw(`${schema}.operations`);
  const tasks = sql.raw(`${schema}.tasks`);

  const take = async (transaction: Kysely<Database>): Promise<Row | undefined> => {
    await sql`select set_config('statement_timeout', ${String(findWithinMs)}, true),
      set_config('lock_timeout', ${String(lockWithinMs)}, true)`.execute(transaction);
    const { rows } = await sql<Row>`
      select id, action, filter, created_at, failures, reached_id,
        (extract(epoch from reached_at) * 1000)::float8 as reached_ms, ${sql.raw(allowance)} as allowed
      from ${operations} where ${sql.raw(isDue)} order by paced_at limit 1 for update skip locked`.execute(transaction);
    return rows[0];
  };

  /** The next tasks: of those that are there since before the operation. */
  const find = async (transaction: Kysely<Database>, row: Row, limit: number) => {
    const { action, reached_ms: ms, reached_id: id } = row;
    const place: Place | undefined = ms === null || id === null ? undefined : [ms, id];
    const filter = submittedUntil(row.created_at, operableFilter(action, filterOfJson(row.filter)));
    const page = pageOfTasks({ tasks, filter, order: action === 'retry' ? 'oldest' : 'newest', place, limit });
    if (!page) return [];
    return (await sql<{ id: string; submitted_at: Date }>`${page}`.execute(transaction)).rows;
  };

  const act = async (transaction: Kysely<Database>, row: Row, ids: readonly string[]): Promise<Done> => {
    const { rows } = await transaction.executeQuery<ActedRow>(CompiledQuery.raw(texts[row.action], [ids]));
    const acted = new Set(rows.map((task) => task.id));
    const missed = ids.filter((id) => !acted.has(id));
    const step: OperationStep = {
      moved: rows
        .filter(({ state }) => state !== 'running')
        .map((task) =>
          task.state === 'queued'
            ? { taskId: task.id, state: 'queued', dispatch: dispatchOfRow(task) }
            : { taskId: task.id, state: 'cancelled' },
        ),
      cancelRequested: rows.filter(({ state }) => state === 'running').map((task) => task.id),
    };
    const reasons = missed.length === 0 ? [] : await reasonsOf(transaction, row, missed);
    const failures = { ...row.failures };
    for (const reason of reasons) failures[reason] = (failures[reason] ?? 0) + 1;
    return { step, failures, failed: reasons.length };
  };

  /** Why some were not done; nothing of those whose cancel had been asked for already. */
  const reasonsOf = async (
    transaction: Kysely<Database>,
    { action }: Row,
    ids: readonly string[],
  ): Promise<OperationFailure[]> => {
    const { rows } = await sql<{ id: string; asked: boolean }>`
      select id, state = 'running' and cancel_requested_at is not null as asked from ${tasks}
      where id = any(${ids}::uuid[])`.execute(transaction);
    const asked = rows.filter((row) => action === 'cancel' && row.asked).length;
    return [
      ...Array<OperationFailure>(rows.length - asked).fill('invalid_transition'),
      ...Array<OperationFailure>(ids.length - rows.length).fill('task_not_found'),
    ];
  };

  const note = async (
    transaction: Kysely<Database>,
    { id }: Row,
    found: readonly { readonly id: string; readonly submitted_at: Date }[],
    { failures, failed }: Done,
    isLast: boolean,
  ) => {
    const last = found.at(-1);
    await sql`
      update ${operations} set
        done = done + ${found.length - failed}, failed = failed + ${failed}, failures = ${JSON.stringify(failures)},
        reached_at = coalesce(${last?.submitted_at ?? null}, reached_at),
        reached_id = coalesce(${last?.id ?? null}::uuid, reached_id),
        paced_at = ${sql.raw(pacedFrom)} + ${found.length} * interval '1 s' / per_second,
        state = ${isLast ? 'completed' : 'running'}, finished_at = case when ${isLast} then now() end
      where id = ${id}`.execute(transaction);
  };

  /** Puts it behind the others: a step that is taken back leaves no trace of its turn. What failed is told in any case. */
  const pause = ({ id }: Row) =>
    sql`update ${operations} set paced_at = now() + ${pauseMs} * interval '1 ms' where id = ${id}`
      .execute(pinnedDb)
      .catch(() => {});

  return async (limit: number): Promise<OperationStep | undefined> => {
    // Nearly always there is none: then this is all it costs.
    if ((await patient.run(due, [])).length === 0) return undefined;
    let row: Row | undefined;
    try {
      return await searchDb.transaction().execute(async (transaction) => {
        row = await take(transaction);
        if (!row) return undefined;
        const size = Math.min(limit, row.allowed);
        const found = await find(transaction, row, size);
        const ids = found.map((task) => task.id);
        const done = await act(transaction, row, ids);
        await note(transaction, row, found, done, found.length < size);
        return done.step;
      });
    } catch (error) {
      if (row) await pause(row);
      throw error;
    }
  };
}

function submittedUntil(moment: Date, filter: TaskFilter): TaskFilter {
  const { submittedBefore } = filter;
  const end = new Date(moment.getTime() + 1);
  return { ...filter, submittedBefore: submittedBefore && submittedBefore < end ? submittedBefore : end };
}
