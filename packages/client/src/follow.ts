import { textPieces } from './body-stream.ts';
import { type Caller, type CallOptions, dataOf } from './caller.ts';
import {
  type AnyTaskEvent,
  isTerminal,
  type ListOptions,
  type Task,
  type TaskEvent,
  type TaskFilter,
} from './contract.ts';
import { createDeadline, type Deadline, pause } from './deadline.ts';
import { NavetteApiError, NavetteConnectionError } from './errors.ts';
import { serverSentEvents } from './event-stream.ts';
import { delayBefore, type Failure, failureOf, mayPass } from './retrying.ts';
import { searchQuery } from './search-query.ts';
import type { WaitOptions } from './task-calls.ts';

/** How often a task is looked at where the server tells no events, ms. */
const lookEveryMs = 1_000;

const kinds: readonly string[] = ['state', 'progress', 'log'];
/** A connection that lasted for so long was a good one, though nothing happened, ms. */
const steadyMs = 10_000;

/** Where following starts. */
export interface FollowOptions extends CallOptions {
  /** The `id` of the last event known: goes on after it. */
  readonly after?: string | undefined;
}

/** Connects to a stream of events after an id; `undefined` where nothing more is to come. */
type Connect = (
  after: string | undefined,
  deadline: Deadline,
) => Promise<ReadableStream<Uint8Array> | null | undefined>;

/** An event as it comes, of whichever kind. */
interface StreamedEvent {
  readonly event: string;
  readonly id?: string;
  readonly data: unknown;
}

/** Makes the calls that follow one task, or many. */
export function createFollow(
  { api, policy, timeoutMs }: Caller,
  wait: (id: string, options: WaitOptions) => Promise<Task>,
) {
  const headersOf = (after: string | undefined) => ({
    Accept: 'text/event-stream',
    ...(after !== undefined && { 'Last-Event-ID': after }),
  });

  /** The events of a stream; one that breaks is connected to again, where it broke. */
  async function* events(connect: Connect, { after, signal }: FollowOptions): AsyncGenerator<StreamedEvent, void> {
    let lastId = after;
    let tries = 1;
    for (;;) {
      let failure: Failure = new NavetteConnectionError('the server ended the stream of events');
      const deadline = createDeadline(signal, timeoutMs);
      const startedAt = performance.now();
      try {
        const body = await connect(lastId, deadline);
        if (!body) return;
        for await (const event of eventsOf(body, deadline)) {
          tries = 1;
          lastId = event.id ?? lastId;
          yield event;
        }
      } catch (error) {
        signal?.throwIfAborted();
        failure = failureOf(error);
      } finally {
        deadline.end();
      }
      if (performance.now() - startedAt > steadyMs) tries = 1;
      if (++tries > policy.tries || !mayPass(failure, 'always')) throw failure;
      await pause(delayBefore(tries, policy, failure), signal);
    }
  }

  /** Long polling instead: what happens between two looks, and what the task logs, is not told. */
  async function* looks(id: string, signal: AbortSignal | undefined): AsyncGenerator<TaskEvent, void> {
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

  async function* follow(id: string, options: FollowOptions = {}): AsyncGenerator<TaskEvent, void, undefined> {
    const params = { path: { id }, query: { include: 'payload,result' } };
    const connect: Connect = async (after, { signal }) =>
      dataOf(await api.GET('/tasks/{id}/events', { params, headers: headersOf(after), parseAs: 'stream', signal }));
    try {
      for await (const event of events(connect, options)) {
        yield event as TaskEvent;
        if (event.event === 'state' && isTerminal((event.data as Task).state)) return;
      }
    } catch (error) {
      if (!isUnknownRoute(error)) throw error;
      yield* looks(id, options.signal);
    }
  }

  async function* followAll(
    { include, ...filter }: TaskFilter & Pick<ListOptions, 'include'> = {},
    options: FollowOptions = {},
  ): AsyncGenerator<AnyTaskEvent, void, undefined> {
    const params = { query: searchQuery({ ...filter, ...(include && { include }) }) };
    const connect: Connect = async (after, { signal }) =>
      dataOf(await api.GET('/events', { params, headers: headersOf(after), parseAs: 'stream', signal }));
    for await (const event of events(connect, options)) {
      yield event as AnyTaskEvent;
    }
  }

  return { follow, followAll };
}

async function* eventsOf(body: ReadableStream<Uint8Array>, deadline: Deadline): AsyncGenerator<StreamedEvent, void> {
  for await (const { event = '', id, data } of serverSentEvents(textPieces(body, deadline))) {
    // Other kinds are not known here, and may be new.
    if (!kinds.includes(event)) continue;
    yield { event, ...(id !== undefined && { id }), data: JSON.parse(data) };
  }
}

function isUnknownRoute(error: unknown): boolean {
  return error instanceof NavetteApiError && error.status === 404 && error.code !== 'task_not_found';
}
