// The rows behind a Navette: made by the hundred thousand as copies of a real one, counted, and weighed.

const schema = 'navette';
const lockStep = 100;

/** @param pool connections to the database that the store is in */
export function createRows(pool) {
  const query = async (text, values) => (await pool.query(text, values)).rows;

  /** The columns of a table, each as itself unless `replaced`, as two lists of SQL. */
  const columnsOf = async (table, replaced) => {
    const rows = await query(
      'select column_name as name from information_schema.columns where table_schema = $1 and table_name = $2',
      [schema, table],
    );
    const names = rows.map(({ name }) => name);
    return { into: names.join(', '), from: names.map((name) => replaced[name] ?? `t.${name}`).join(', ') };
  };

  const copy = async (id, count, replaced) => {
    // As if a hundred had been submitted each millisecond until now: ids grow with time, as real ones do.
    const ms = `${Date.now() - Math.ceil(count / lockStep)} + g / ${lockStep}`;
    const hex = `lpad(to_hex((${ms})::bigint), 12, '0')`;
    const inMs = `lpad(to_hex(g % ${lockStep}), 3, '0')`;
    const newId = `(substr(${hex}, 1, 8) || '-' || substr(${hex}, 9) || '-7' || ${inMs} || '-8' || substr(md5(g::text), 1, 3)
      || '-' || substr(md5(g::text), 4, 12))::uuid`;
    const columns = await columnsOf('tasks', {
      id: newId,
      submitted_at: `to_timestamp((${ms}) / 1000.0)`,
      dispatched_at: 'now()',
      ...replaced,
    });
    await query(
      `insert into ${schema}.tasks (${columns.into})
         select ${columns.from} from ${schema}.tasks t, generate_series(1, ${count}) g where t.id = $1 order by g`,
      [id],
    );
  };

  return {
    /** Puts `count` copies of the queued task `id` in line behind it. */
    copyQueued: (id, count) => copy(id, count, { ready_seq: `nextval('${schema}.ready_seq')` }),
    /** Adds `count` copies of the completed task `id`, one in fifty failed instead, one in a hundred with a tag. */
    async copyEnded(id, count) {
      await copy(id, count, {
        state: `case when g % 50 = 0 then 'failed' else t.state end`,
        worker: `case when g % 50 > 0 then t.worker end`,
        error_code: `case when g % 50 = 0 then 'handler_error' end`,
        error_message: `case when g % 50 = 0 then 'failed for the sake of the bench' end`,
        tags: `case when g % 100 = 1 then array['tag-' || g % 1000] else '{}'::text[] end`,
      });
      await query(
        `insert into ${schema}.attempts (task_id, number, outcome, worker, started_at, finished_at, error_code, error_message)
           select task.id, task.attempt, 'failed', t.worker, t.started_at, t.finished_at, task.error_code, task.error_message
           from ${schema}.tasks task, ${schema}.tasks t where t.id = $1 and task.state = 'failed'`,
        [id],
      );
    },
    /** What waits, in the order of its turn, page by page. */
    async *queued() {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await client.query(
          `declare waiting cursor for select id, dispatch from ${schema}.tasks where state = 'queued' order by ready_seq`,
        );
        for (;;) {
          const { rows } = await client.query('fetch 2000 from waiting');
          if (rows.length === 0) return;
          yield rows;
        }
      } finally {
        await client.query('rollback');
        client.release();
      }
    },
    /** Throws unless exactly `count` tasks are completed, each by one attempt, and none is open. */
    async check(count) {
      const [{ tasks, open, attempts }] = await query(
        `select count(*) filter (where state = 'completed')::int as tasks, count(*) filter (where finished_at is null)::int as open,
           (select count(*)::int from ${schema}.attempt_history where outcome = 'completed') as attempts from ${schema}.tasks`,
      );
      if (tasks === count && attempts === count && open === 0) return;
      throw new Error(`${count} tasks: ${tasks} completed, ${attempts} attempts, ${open} open`);
    },
    /** Dead rows away, statistics fresh: as autovacuum would have left it. */
    async tidy() {
      for (const table of ['tasks', 'attempts']) await query(`vacuum (analyze) ${schema}.${table}`);
    },
    /** Bytes on disk of all tasks and attempts: rows, indexes, and what is stored apart. */
    async bytes() {
      const [{ bytes }] = await query(
        `select pg_total_relation_size('${schema}.tasks') + pg_total_relation_size('${schema}.attempts') as bytes`,
      );
      return Number(bytes);
    },
  };
}
