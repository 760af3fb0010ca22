import { textPieces } from './body-stream.ts';
import { type Caller, type CallOptions, dataOf } from './caller.ts';
import { isTerminal, type Task } from './contract.ts';
import type { TaskEvent } from './contract-ahead.ts';
import { createDeadline, type Deadline, pause } from './deadline.ts';
import { NavetteApiError, NavetteConnectionError } from './errors.ts';
import { serverSentEvents } from './event-stream.ts';
import { delayBefore, type Failure, failureOf, mayPass } from './retrying.ts';
import type { WaitOptions } from './task-calls.ts';

/** How often a task is looked at where the server tells no events, ms. */
const lookEveryMs = 1_000;

/** Where following a task starts. */
export interface FollowOptions extends CallOptions {
  /** The `id` of the last event known: goes on after it. */
  readonly after?: string | undefined;
}

type Events = AsyncGenerator<TaskEvent, void, undefined>;

/** Makes the call that follows a task. */
export function createFollow(
  { api, policy, timeoutMs }: Caller,
  wait: (id: string, options: WaitOptions) => Promise<Task>,
) {
  /** Connects; `undefined` where nothing more is to come. */
  const connect = async (id: string, after: string | undefined, { signal }: Deadline) => {
    const headers = { Accept: 'text/event-stream', ...(after !== undefined && { 'Last-Event-ID': after }) };
    const params = { path: { id } };
    return dataOf(await api.GET('/tasks/{id}/events', { params, headers, parseAs: 'stream', signal })) ?? undefined;
  };

  /** Long polling instead: what happens between two looks, and what the task logs, is not told. */
  async function* looks(id: string, signal: AbortSignal | undefined): Events {
    let last: Task | undefined;
    for (;;) {
      const task = await wait(id, { timeoutMs: last ? lookEveryMs : 0, signal });
      if (task.state !== last?.state || task.attempt !== last.attempt) yield { event: 'state', data: task };
      else if (JSON.stringify(task.progress) !== JSON.stringify(last.progress)) {
        yield { event: 'progress', data: task.progress };
      }
      if (isTerminal(task.state)) return;
      last = task;
    }
  }

  return async function* follow(id: string, { after, signal }: FollowOptions = {}): Events {
    let lastId = after;
    let tries = 1;
    for (;;) {
      let failure: Failure = new NavetteConnectionError('the server ended the stream of events');
      const deadline = createDeadline(signal, timeoutMs);
      try {
        const body = await connect(id, lastId, deadline);
        if (!body) return;
        for await (const event of taskEvents(body, deadline)) {
          tries = 1;
          lastId = event.id ?? lastId;
          yield event;
          if (event.event === 'state' && isTerminal(event.data.state)) return;
        }
      } catch (error) {
        signal?.throwIfAborted();
        failure = failureOf(error);
      } finally {
        deadline.end();
      }
      if (isUnknownRoute(failure)) return yield* looks(id, signal);
      if (++tries > policy.tries || !mayPass(failure, 'always')) throw failure;
      await pause(delayBefore(tries, policy, failure), signal);
    }
  };
}

async function* taskEvents(body: ReadableStream<Uint8Array>, deadline: Deadline): Events {
  for await (const { event, id, data } of serverSentEvents(textPieces(body, deadline))) {
    // Other kinds are not known here, and may be new.
    if (event !== 'state' && event !== 'progress' && event !== 'log') continue;
    yield { event, ...(id !== undefined && { id }), data: JSON.parse(data) } as TaskEvent;
  }
}

function isUnknownRoute(failure: Failure): boolean {
  return failure instanceof NavetteApiError && failure.status === 404 && failure.code !== 'task_not_found';
}
