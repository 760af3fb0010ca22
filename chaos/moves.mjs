// What really happened to the tasks: a trigger of the suite, not of Navette, writes down every change of state, every
// new attempt and every new hand-over.

const statements = [
  'create schema chaos',
  `create table chaos.moves (
    n bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    task_id uuid not null,
    before text,
    after text,
    attempt integer,
    worker uuid,
    dispatch integer,
    spent integer
  )`,
  'create index moves_at on chaos.moves (at)',
  `create function chaos.note() returns trigger language plpgsql as $$
  begin
    if tg_op = 'DELETE' then
      insert into chaos.moves (task_id, before) values (old.id, old.state);
    elsif tg_op = 'INSERT' then
      insert into chaos.moves (task_id, after, attempt, worker, dispatch, spent)
      values (new.id, new.state, new.attempt, new.worker, new.dispatch, new.spent);
    elsif (old.state, old.attempt, old.dispatch, old.spent) is distinct from
      (new.state, new.attempt, new.dispatch, new.spent) then
      insert into chaos.moves (task_id, before, after, attempt, worker, dispatch, spent)
      values (new.id, old.state, new.state, new.attempt, coalesce(new.worker, old.worker), new.dispatch, new.spent);
    end if;
    return null;
  end $$`,
  `create trigger note_moves after insert or update or delete on navette.tasks
   for each row execute function chaos.note()`,
];

/**
 * One change of a task, in the order of `n`.
 * @typedef {object} Move
 * @property {number} at ms since 1970
 * @property {string} taskId
 * @property {string | null} before null: it was inserted
 * @property {string | null} after null: it was deleted
 * @property {number} attempt
 * @property {string | null} worker whose attempt it is or was
 * @property {number} dispatch
 * @property {number} spent
 */

/** Has every move written down from now on. @param {{ query(text: string): Promise<unknown> }} db */
export async function recordMoves(db) {
  for (const statement of statements) await db.query(statement);
}

/** @returns {Promise<Move[]>} */
export async function readMoves(db) {
  const { rows } = await db.query(
    `select extract(epoch from at)::float8 * 1000 as at, task_id, before, after, attempt, worker, dispatch, spent
     from chaos.moves order by n`,
  );
  return rows.map(({ task_id: taskId, at, ...move }) => ({ ...move, taskId, at: Number(at) }));
}
