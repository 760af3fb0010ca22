import { type Kysely, sql } from 'kysely';

// How many tasks had ended up to a moment, as sums of what was added and taken away since. src/postgres/tallies.ts says
// who writes it.
const statements = [
  'create table tallies (queue text collate "C" not null, state text collate "C" not null, tasks bigint not null)',
  `create table tally_marks (
     id smallint primary key check (id = 1),
     ended_until timestamptz(3) not null,
     checked_at timestamptz(3) not null
   )`,
  `insert into tally_marks values (1, '-infinity', now())`,
];

/** Makes the tallies, in which nothing has been counted yet. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** Drops them. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table tallies, tally_marks`.execute(db);
}
