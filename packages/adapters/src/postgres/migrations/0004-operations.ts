import { type Kysely, sql } from 'kysely';

const statements = [
  `create table operations (
     id uuid primary key,
     action text collate "C" not null,
     filter json not null,
     state text collate "C" not null,
     total bigint not null,
     done bigint not null default 0,
     failed bigint not null default 0,
     failures json not null default '{}',
     per_second integer not null,
     reached_at timestamptz(3),
     reached_id uuid,
     paced_at timestamptz not null,
     created_at timestamptz(3) not null,
     finished_at timestamptz(3),
     key_scope text collate "C",
     key text collate "C",
     fingerprint text collate "C"
   )`,
  'create unique index operations_key on operations (key_scope, key)',
  'create index operations_by_creation on operations (created_at, id)',
  `create index operations_running on operations (paced_at) where state = 'running'`,
];

/** Makes the table of mass actions. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** Drops it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table operations`.execute(db);
}
