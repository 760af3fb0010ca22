import type pg from 'pg';

// After a crash PostgreSQL has no statistics of what changed: a table without a known vacuum counts as changed.
const CHANGED_TABLES = `
  select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
  where n_dead_tup > 0 or n_mod_since_analyze > 0 or n_ins_since_vacuum > 0 or last_vacuum is null
  union all
  select format('%I.%I', schemaname, relname) from pg_stat_sys_tables
  where schemaname = 'pg_catalog' and n_dead_tup > 200`;

/** Vacuums and analyses the tables that have changed, each in a statement of its own, and takes a checkpoint. */
export async function vacuumTables(pool: pg.Pool): Promise<void> {
  await pool.query('select pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ name: string }>(CHANGED_TABLES);
  for (const { name } of rows) {
    try {
      await pool.query(`vacuum (analyze) ${name}`);
    } catch (error) {
      // Dropped since it was listed.
      if ((error as { code?: string }).code !== '42P01') throw error;
    }
  }
  await pool.query('checkpoint');
}
