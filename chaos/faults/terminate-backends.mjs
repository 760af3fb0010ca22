import { apart } from './fault.mjs';

/** Every session of Navette is ended, those that LISTEN too. @type {import('./fault.mjs').Fault} */
export const terminateBackends = {
  name: 'terminate all backends',
  setUps: apart,
  effect: 'sessions ended',
  run: async ({ db }) => {
    const { rows } = await db.query(
      `select count(pg_terminate_backend(pid))::int as ended from pg_stat_activity
       where datname = 'navette' and backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    return { backAt: Date.now(), effect: rows[0].ended };
  },
};
