import { type Caller, type CallOptions, jsonBody } from './caller.ts';
import {
  isTerminal,
  type ListOptions,
  type LogLine,
  type Page,
  type SentSubmission,
  type Submission,
  type Task,
  type TaskFilter,
  type TaskItem,
} from './contract.ts';
import { pause } from './deadline.ts';
import { createIdempotencyKey } from './idempotency-key.ts';
import { eachItem } from './pages.ts';
import { searchQuery } from './search-query.ts';

/** The longest one request waits, ms: less than most proxies let a connection be idle. */
const longestWaitMs = 25_000;
/** The least time between two looks, ms, whatever the server makes of `wait`. */
const leastLookMs = 250;

/** How long a call may wait for a task to be over. */
export interface WaitOptions extends CallOptions {
  /** At most, ms; then the task is given as it is. */
  readonly timeoutMs?: number;
}

/** Makes the calls about single tasks and lists of them. */
export function createTaskCalls(caller: Caller) {
  const { api, call } = caller;

  const look = (id: string, seconds: number, { signal }: CallOptions): Promise<Task> =>
    call({ signal, waitMs: seconds * 1000 }, (init) =>
      api.GET('/tasks/{id}', { params: { path: { id }, query: { wait: seconds || undefined } }, ...init }),
    );

  const wait = async (id: string, { timeoutMs = Number.POSITIVE_INFINITY, signal }: WaitOptions = {}) => {
    let now = clock();
    const end = now + timeoutMs;
    for (;;) {
      const task = await look(id, waitSeconds(end - now), { signal });
      if (isTerminal(task.state) || now >= end) return task;
      await pause(Math.max(0, Math.min(now + leastLookMs, end) - clock()), signal);
      now = clock();
    }
  };

  const submit = async (submission: Submission, { timeoutMs = 0, signal }: WaitOptions = {}): Promise<Task> => {
    const end = clock() + timeoutMs;
    const seconds = waitSeconds(timeoutMs);
    const headers: Record<string, string> = {};
    if (submission.idempotencyKey === undefined) headers['Idempotency-Key'] = createIdempotencyKey();
    if (seconds > 0) headers.Prefer = `wait=${seconds}`;
    const body = jsonBody(submission as SentSubmission);
    const task = await call({ signal, waitMs: seconds * 1000 }, (init) =>
      api.POST('/submit-task', { ...body, headers, ...init }),
    );
    const leftMs = end - clock();
    return leftMs <= 0 || isTerminal(task.state) ? task : wait(task.id, { timeoutMs: leftMs, signal });
  };

  const list = async (filter: TaskFilter & ListOptions = {}, options?: CallOptions): Promise<Page<TaskItem>> => {
    const query = searchQuery(filter);
    return call(options, (init) => api.GET('/tasks', { params: { query }, ...init }));
  };

  const logs = (
    id: string,
    query: Pick<ListOptions, 'limit' | 'cursor'> = {},
    options?: CallOptions,
  ): Promise<Page<LogLine>> =>
    call(options, (init) => api.GET('/tasks/{id}/logs', { params: { path: { id }, query }, ...init }));

  return {
    /**
     * Submits a task; once it resolves, the task is kept. It carries an idempotency key, made here unless it has one:
     * however often it is sent, there is one task. With `timeoutMs` it waits for the task's end, at most so long.
     */
    submit,
    /** One task, as it is now. */
    get: (id: string, options: CallOptions = {}) => look(id, 0, options),
    /** Waits until a task is over, for ever or at most `timeoutMs`; gives the task as it is then. */
    wait,
    /** One page of tasks, newest first. */
    list,
    /** All tasks that a filter finds, newest first, read page by page. */
    listAll: (query: TaskFilter & ListOptions = {}, options?: CallOptions) =>
      eachItem(query.cursor, (cursor) => list({ limit: 100, ...query, cursor }, options)),
    /** One page of what a task's handler wrote, oldest first. */
    logs,
    /** All that a task's handler wrote, oldest first, read page by page. */
    allLogs: (id: string, options?: CallOptions) => eachItem(undefined, (cursor) => logs(id, { cursor }, options)),
    /** Cancels a task; one that is running is asked to stop: `cancellation.outcome` tells what came of it. */
    cancel: (id: string, options?: CallOptions): Promise<Task> =>
      call(options, (init) => api.POST('/tasks/{id}/cancel', { params: { path: { id } }, ...init })),
    /** Runs a finished task again. After a lost answer it is not repeated: that could run the task twice. */
    retry: (id: string, options?: CallOptions): Promise<Task> =>
      call({ ...options, repeatable: 'if-refused' }, (init) =>
        api.POST('/tasks/{id}/retry', { params: { path: { id } }, ...init }),
      ),
    /** Makes a scheduled or retrying task due now. After a lost answer it is not repeated. */
    promote: (id: string, options?: CallOptions): Promise<Task> =>
      call({ ...options, repeatable: 'if-refused' }, (init) =>
        api.POST('/tasks/{id}/promote', { params: { path: { id } }, ...init }),
      ),
  };
}

/** Time that never goes back, whole ms. */
function clock(): number {
  return Math.round(performance.now());
}

/** How long one request may wait of the time that is left. The API counts in seconds. */
function waitSeconds(leftMs: number): number {
  return Math.floor(Math.max(0, Math.min(leftMs, longestWaitMs)) / 1000);
}
