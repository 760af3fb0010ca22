import { type Kysely, sql } from 'kysely';

// Times are kept to the millisecond, as JavaScript and JSON have them: what a client was told compares equal.
// Names compare by code point ("C"): cheaper in an index, and the same order everywhere.

// What is always there and of one width comes first, then what indexes look at: PostgreSQL finds a column by going through
// those before it, unless they are always at the same place.
const tasks = `
create table tasks (
  id uuid primary key,
  submitted_at timestamptz(3) not null,
  ready_seq bigint not null default 0,
  dispatched_at timestamptz(3) not null,
  attempt integer not null default 0,
  spent integer not null default 0,
  timeout_ms integer not null,
  dispatch integer not null default 1,
  version integer not null default 1,
  max_attempts smallint not null,
  priority smallint not null,
  confirmed boolean not null default false,
  state text collate "C" not null,
  queue text collate "C" not null,
  type text collate "C" not null,
  tags text[] not null,
  finished_at timestamptz(3),
  worker uuid,
  run_at timestamptz(3),
  expires_at timestamptz(3),
  error_code text collate "C",
  queued_at timestamptz(3),
  started_at timestamptz(3),
  cancel_requested_at timestamptz(3),
  cancel_outcome text,
  payload json not null,
  backoff json not null,
  result json,
  progress json,
  error_message text
)`;

// Every change of state writes each index that covers the new row: those of open tasks are small and partial, those of
// the history take a row once, when it is finished.
const taskIndexes = [
  `create index tasks_ready on tasks (queue, priority, ready_seq) where state = 'queued'`,
  `create index tasks_unconfirmed on tasks (priority, ready_seq) where state = 'queued' and not confirmed`,
  `create index tasks_running on tasks (worker) where state = 'running'`,
  `create index tasks_due on tasks (run_at) where state in ('scheduled', 'retrying')`,
  `create index tasks_expiring on tasks (expires_at)
     where state in ('scheduled', 'queued', 'retrying') and expires_at is not null`,
  `create index tasks_open on tasks (submitted_at, id) where finished_at is null`,
  `create index tasks_ended on tasks (state, submitted_at, id) where finished_at is not null`,
  `create index tasks_ended_by_queue on tasks (queue, state, submitted_at, id) where finished_at is not null`,
  `create index tasks_ended_by_type on tasks (type, submitted_at, id) where finished_at is not null`,
  `create index tasks_ended_by_error on tasks (error_code, submitted_at, id)
     where finished_at is not null and error_code is not null`,
  `create index tasks_ended_by_tag on tasks using gin (tags) where finished_at is not null and tags <> '{}'`,
  `create index tasks_finished on tasks (finished_at) where finished_at is not null`,
];

// No foreign keys: a check per row would cost more than the rows, and one statement writes or deletes what belongs
// together.
const otherTables = [
  `create table attempts (
     task_id uuid not null,
     number integer not null,
     outcome text collate "C" not null,
     worker uuid not null,
     started_at timestamptz(3) not null,
     finished_at timestamptz(3) not null,
     error_code text collate "C",
     error_message text,
     primary key (task_id, number)
   )`,
  `create table idempotency_keys (
     scope text collate "C" not null,
     key text collate "C" not null,
     task_id uuid not null,
     fingerprint text collate "C" not null,
     created_at timestamptz(3) not null,
     primary key (scope, key)
   )`,
  'create index idempotency_keys_task on idempotency_keys (task_id)',
  'create table queues (name text collate "C" primary key, paused boolean not null)',
  `create table task_logs (
     task_id uuid not null,
     seq integer not null,
     attempt integer not null,
     at timestamptz(3) not null,
     message text not null,
     primary key (task_id, seq)
   )`,
  `create table workers (
     id uuid primary key,
     name text not null,
     queues json not null,
     types text[] not null,
     started_at timestamptz(3) not null,
     renewed_at timestamptz(3) not null,
     lease_until timestamptz(3) not null
   )`,
  `create table broker_marks (
     id smallint primary key check (id = 1),
     epoch text,
     checking_epoch text,
     checking_cursor text
   )`,
];

// At thousands of changes a second the defaults let dead rows pile up by the million.
const vacuuming = ['tasks', 'attempts'].map(
  (table) => `alter table ${table} set (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.02,
    autovacuum_vacuum_cost_delay = 0
  )`,
);

const tableNames = ['tasks', 'attempts', 'idempotency_keys', 'queues', 'task_logs', 'workers', 'broker_marks'];

/** Makes everything. The schema's name is the first of the `search_path`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [tasks, 'create sequence ready_seq', ...taskIndexes, ...otherTables, ...vacuuming];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** Drops everything. */
export async function down(db: Kysely<unknown>): Promise<void> {
  for (const name of tableNames.reverse()) await sql.raw(`drop table ${name}`).execute(db);
  await sql.raw('drop sequence ready_seq').execute(db);
}
