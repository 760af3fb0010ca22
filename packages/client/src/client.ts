import { type ClientOptions, createCaller } from './caller.ts';
import { createFollow } from './follow.ts';
import { createOperationCalls } from './operation-calls.ts';
import { createQueueCalls } from './queue-calls.ts';
import { createSubmitMany } from './submit-many.ts';
import { createTaskCalls } from './task-calls.ts';

/** A client of one Navette server. */
export type NavetteClient = ReturnType<typeof createClient>;

/**
 * Makes a client. Calls that fail on the way, or because the server cannot answer now (429, 502, 503, 504), are made
 * again, after the time the server asks for; none of them ever does something twice.
 *
 * Calls reject with {@link NavetteApiError} if the server refuses, with {@link NavetteConnectionError} if there is no
 * answer, and with the reason of the signal they are given once that is raised.
 * @throws TypeError if `baseUrl` is no address
 */
export function createClient(options: ClientOptions) {
  const caller = createCaller(options);
  const tasks = createTaskCalls(caller);
  const { follow, followAll } = createFollow(caller, tasks.wait);
  return {
    ...tasks,
    ...createSubmitMany(caller),
    /**
     * What happens to a task, from its present state to its end, as it happens. A connection that breaks is made again,
     * and goes on where it broke. Falls back to long polling, without log lines, where a server tells no events.
     */
    follow,
    /**
     * What happens to all tasks that a filter finds, from now on, for ever. A connection that breaks is made again, and
     * nothing is left out; some events may come twice then, with the same `version`.
     */
    followAll,
    ...createQueueCalls(caller),
    /** Mass actions: many tasks cancelled or retried by a filter. */
    operations: createOperationCalls(caller),
  };
}
