import type { AttemptRef, Json } from '@navette/domain';
import type { BoundedPool } from './bounded-pool.ts';
import { isOwnAttempt } from './own-attempt.ts';
import { type Statement, statement } from './statement.ts';

/** What an attempt reports of its progress. */
export interface ProgressNote {
  readonly ref: AttemptRef;
  readonly value: Json;
}

/** What an attempt writes to its task's log. */
export interface LogNote {
  readonly ref: AttemptRef;
  readonly messages: readonly string[];
}

/** Lines kept of one task's log; further ones are dropped, and one last line says so. */
export const maxLogLines = 1_000;

function progressStatement(schema: string): Statement {
  return statement(
    schema,
    'progress',
    `
update $schema.tasks t set progress = n.value, version = t.version + 1
from json_to_recordset($1) as n(item integer, id uuid, attempt integer, worker uuid, value json)
where ${isOwnAttempt('n')}
returning n.item`,
  );
}

function logStatement(schema: string): Statement {
  return statement(
    schema,
    'log',
    `
with own as materialized (
  select n.*, (select coalesce(max(l.seq), 0) from $schema.task_logs l where l.task_id = n.id) as last
  from json_to_recordset($1) as n(item integer, id uuid, attempt integer, worker uuid, messages text[])
  join $schema.tasks t on ${isOwnAttempt('n')}
), lines as (
  select o.id, o.attempt, m.message, o.last + row_number() over (partition by o.id order by o.item, m.place) as seq
  from own o cross join lateral unnest(o.messages) with ordinality as m(message, place)
), written as (
  insert into $schema.task_logs (task_id, seq, attempt, at, message)
  select id, seq, attempt, now(), case when seq <= $2::integer then message else $3::text end
  from lines where seq <= $2::integer + 1
)
select item from own`,
  );
}

const lastLine = `further lines are dropped: a task keeps ${maxLogLines}`;

/** Makes the write of progress: whether each attempt was still the task's own; a batch names each task at most once. */
export function createProgressNotes(pool: BoundedPool, schema: string) {
  const progress = progressStatement(schema);
  return (notes: readonly ProgressNote[]): Promise<boolean[]> =>
    writeNotes(pool, progress, notes, ({ value }) => ({ value }), []);
}

/** Makes the write of log lines: whether each attempt was still the task's own. */
export function createLogNotes(pool: BoundedPool, schema: string) {
  const log = logStatement(schema);
  return (notes: readonly LogNote[]): Promise<boolean[]> =>
    writeNotes(pool, log, notes, ({ messages }) => ({ messages }), [maxLogLines, lastLine]);
}

async function writeNotes<Note extends { readonly ref: AttemptRef }>(
  pool: BoundedPool,
  write: Statement,
  notes: readonly Note[],
  contentOf: (note: Note) => object,
  values: readonly unknown[],
): Promise<boolean[]> {
  const records = notes.map((note, item) => {
    const { taskId: id, attempt, worker } = note.ref;
    return { item, id, attempt, worker, ...contentOf(note) };
  });
  const rows = await pool.run<{ item: number }>(write, [JSON.stringify(records), ...values]);
  const written = new Set(rows.map((row) => row.item));
  return notes.map((_, item) => written.has(item));
}
