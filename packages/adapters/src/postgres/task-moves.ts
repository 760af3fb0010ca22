import { entersQueue } from './queue-entry.ts';
import { foundBy } from './statement.ts';
import { heldMarkText, subtractedText } from './tallies.ts';
import { isWaiting } from './task-filter.ts';
import { taskColumnsOf } from './task-row.ts';

// What people ask for, for tasks by their ids ($1). Each move is one statement: where it is not legal it finds no row.
// Tasks are locked in the order of their ids, as every batch does, so that none waits for another in a circle.

/** Cancels what waits, and asks what runs to stop, unless that has been asked. Gives columns of the tasks `t` as they are then. */
export const cancelText = (columns: string): string => `
with chosen as materialized (
  select t.id from $schema.tasks t
  where t.id = any($1::uuid[]) and (
    ${isWaiting} or (t.state = 'running' and t.cancel_requested_at is null)
  )
  order by t.id for update
)
update $schema.tasks t set
  state = case when t.state = 'running' then t.state else 'cancelled' end,
  finished_at = case when t.state = 'running' then null else now() end,
  cancel_requested_at = now(),
  cancel_outcome = case when t.state = 'running' then null else 'acknowledged' end,
  version = t.version + 1
from chosen where ${foundBy('t.id', 'chosen.id')}
returning ${columns}`;

/** Queues again what has ended, with nothing spent; the attempt that completed it gets a row of its own. Gives columns of the tasks `t` as they are then. */
export const retryText = (columns: string): string => `
with ${heldMarkText}, gone as materialized (
  select t.id, t.queue, t.state, t.finished_at, t.attempt, t.worker, t.started_at from $schema.tasks t
  where t.id = any($1::uuid[]) and t.state in ('completed', 'failed', 'cancelled', 'expired')
  order by t.id for update
), ${subtractedText}, recorded as (
  insert into $schema.attempts (task_id, number, outcome, worker, started_at, finished_at)
  select id, attempt, 'completed', worker, started_at, finished_at from gone
  where state = 'completed' and worker is not null
)
update $schema.tasks t set ${entersQueue}, worker = null,
  dispatch = t.dispatch + 1, spent = 0, run_at = null, expires_at = null, finished_at = null, result = null,
  error_code = null, error_message = null, progress = null, cancel_requested_at = null, cancel_outcome = null,
  version = t.version + 1
from gone where ${foundBy('t.id', 'gone.id')}
returning ${columns}`;

/** Queues what waits for its time. Gives the tasks as they are then. */
export const promoteText = `
with chosen as materialized (
  select t.id from $schema.tasks t
  where t.id = any($1::uuid[]) and t.state in ('scheduled', 'retrying')
  order by t.id for update
)
update $schema.tasks t set ${entersQueue}, run_at = null, version = t.version + 1
from chosen where ${foundBy('t.id', 'chosen.id')}
returning ${taskColumnsOf('t')}`;
