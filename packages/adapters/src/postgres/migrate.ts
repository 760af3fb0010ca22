import { Kysely, type MigrationResultSet, Migrator, PostgresDialect, sql } from 'kysely';
import type pg from 'pg';
import { migrations, type SchemaStep } from './migrations/index.ts';
import { checkSchemaName } from './schema-name.ts';
import { SchemaNewerError, sqlStateOf } from './sql-errors.ts';

const migrationTable = 'migrations';

/** Kysely's migrator looks at all schemas of the database, and fails over one that somebody drops in that moment. */
const noSuchSchema = '3F000';
const tries = 5;

/**
 * Brings a schema up to date, creating it if need be. Many processes may do so at once: the steps run under an advisory
 * lock, all in one transaction.
 * @throws SchemaNewerError if it has steps that this version does not know
 */
export async function migrateToLatest(
  pool: pg.Pool,
  schema: string,
  steps: Readonly<Record<string, SchemaStep>> = migrations,
): Promise<void> {
  const db = kyselyOver(pool);
  const done = await doneSteps(db, checkSchemaName(schema));
  const unknown = done.find((name) => !(name in steps));
  if (unknown !== undefined) throw new SchemaNewerError(schema, unknown);
  if (done.length === Object.keys(steps).length) return;
  for (let left = tries; ; left--) {
    const { error } = await createMigrator(db, schema, steps).migrateToLatest();
    if (error === undefined) return;
    if (left === 0 || sqlStateOf(error) !== noSuchSchema) throw error;
  }
}

/** Takes all steps back: nothing of Navette is left but the list of steps. For tests. */
export async function migrateDown(pool: pg.Pool, schema: string): Promise<void> {
  const migrator = createMigrator(kyselyOver(pool), checkSchemaName(schema), migrations);
  for (let left = Object.keys(migrations).length; left > 0; left--) throwIfFailed(await migrator.migrateDown());
}

function kyselyOver(pool: pg.Pool): Kysely<unknown> {
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}

function createMigrator(db: Kysely<unknown>, schema: string, steps: Readonly<Record<string, SchemaStep>>): Migrator {
  const within = (step: (db: Kysely<unknown>) => Promise<void>) => async (transaction: Kysely<unknown>) => {
    await sql`set local search_path to ${sql.id(schema)}`.execute(transaction);
    await step(transaction);
  };
  const located = Object.entries(steps).map(([name, { up, down }]) => [name, { up: within(up), down: within(down) }]);
  return new Migrator({
    db,
    provider: { getMigrations: async () => Object.fromEntries(located) },
    migrationTableSchema: schema,
    migrationTableName: migrationTable,
    migrationLockTableName: `${migrationTable}_lock`,
  });
}

/** The steps that have been taken, by name; none if the schema does not exist. */
async function doneSteps(db: Kysely<unknown>, schema: string): Promise<string[]> {
  const table = `${schema}.${migrationTable}`;
  const { rows: found } = await sql<{ exists: boolean }>`select to_regclass(${table}) is not null as exists`.execute(
    db,
  );
  if (!found[0]?.exists) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(db);
  return rows.map((row) => row.name);
}

function throwIfFailed({ error }: MigrationResultSet): void {
  if (error !== undefined) throw error;
}
