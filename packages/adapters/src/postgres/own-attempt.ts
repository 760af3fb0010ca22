import { foundBy } from './statement.ts';

/**
 * SQL for whether the attempt of task `t` that a row names by its id, attempt and worker runs under that worker. The state
 * is compared as an expression, so that no index on it is considered: tasks are found by their ids.
 */
export const isOwnAttempt = (row: string): string =>
  `${foundBy('t.id', `${row}.id`)} and t.attempt = ${row}.attempt and t.worker = ${row}.worker and (t.state || '') = 'running'`;
