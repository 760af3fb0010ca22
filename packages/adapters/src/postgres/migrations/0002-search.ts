import { type Kysely, sql } from 'kysely';

// A task's way through its life writes each of these at most once per change of state, and the history's only when it
// ends. What a search reads is in docs/search.md.
const indexes = [
  // Lanes: all tasks of one state, queue and type, newest last. There are few lanes, and a search knows which it needs.
  'create index tasks_open on tasks (state, queue, type, submitted_at, id) where finished_at is null',
  `create index tasks_ended_lanes on tasks (state, queue, type, submitted_at, id, finished_at)
     where finished_at is not null`,
  'create index tasks_ended on tasks (submitted_at, id, finished_at) where finished_at is not null',
  // Few tasks have an error: here every filter can be decided in the index.
  `create index tasks_by_error on tasks (error_code, submitted_at, id, state, queue, type, finished_at)
     where error_code is not null`,
  // Of tasks that run there are few; not writing them here spares every claim an entry.
  `create index tasks_waiting_by_tag on tasks using gin (tags) with (gin_pending_list_limit = 64)
     where state in ('scheduled', 'queued', 'retrying') and tags <> '{}'`,
  // kB. A list of the default size is worked off in one go by whoever fills it, who is then late by 200 ms.
  'alter index tasks_ended_by_tag set (gin_pending_list_limit = 64)',
];

const formerIndexes = [
  'create index tasks_open on tasks (submitted_at, id) where finished_at is null',
  'create index tasks_ended on tasks (state, submitted_at, id) where finished_at is not null',
  'create index tasks_ended_by_queue on tasks (queue, state, submitted_at, id) where finished_at is not null',
  'create index tasks_ended_by_type on tasks (type, submitted_at, id) where finished_at is not null',
  `create index tasks_ended_by_error on tasks (error_code, submitted_at, id)
     where finished_at is not null and error_code is not null`,
  'alter index tasks_ended_by_tag reset (gin_pending_list_limit)',
];

/** Replaces the indexes of the history by fewer that serve more searches. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index tasks_open, tasks_ended, tasks_ended_by_queue, tasks_ended_by_type, tasks_ended_by_error`.execute(
    db,
  );
  for (const statement of indexes) await sql.raw(statement).execute(db);
}

/** Brings the former ones back. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index tasks_open, tasks_ended_lanes, tasks_ended, tasks_by_error, tasks_waiting_by_tag`.execute(db);
  for (const statement of formerIndexes) await sql.raw(statement).execute(db);
}
