import {
  createManualSystem,
  createMemoryBroker,
  createMemoryEvents,
  createMemoryStore,
} from '@navette/adapters/memory';
import { type AnyTaskType, createNavette, type System, silentLog } from '@navette/domain';
import { expect, onTestFinished } from 'vitest';
import { type App, type AppDeps, createApp } from '../src/app.ts';
import { workFlows } from '../src/routes/health.ts';
import { expectDocumented } from './documented.ts';
import { taskTypes } from './task-types.ts';

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body, if it is JSON; of NDJSON the parsed lines; the text of a stream of events. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

/** What of a call is not plain. */
export interface CallOptions {
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array | ReadableStream;
  readonly signal?: AbortSignal;
}

/** What of an API is not plain. */
export interface ApiOptions extends Partial<Omit<AppDeps, 'navette'>> {
  /** Default: a clock that stands still. */
  readonly system?: System;
  /** Default: those of the tests. */
  readonly tasks?: readonly AnyTaskType[];
}

/** Makes an API on the memory adapters. Whatever it answers is held against its own OpenAPI document. */
export function createApi({ system = createManualSystem(), tasks = taskTypes, ...deps }: ApiOptions = {}) {
  const store = createMemoryStore({ system });
  const broker = createMemoryBroker({ store });
  const navette = createNavette({ store, broker, events: createMemoryEvents(), system, tasks });
  onTestFinished(() => navette.close());
  const app: App = createApp({
    navette,
    health: { flow: workFlows(navette), store: () => store.healthy(), broker: () => broker.healthy() },
    apiKeys: [],
    loopbackOnly: true,
    maxBodyBytes: 1_048_576,
    log: silentLog,
    version: '0.0.0-test',
    ...deps,
  });

  const call = async (method: string, path: string, options: CallOptions = {}): Promise<Answer> => {
    const response = await app.request(path, {
      method,
      ...options,
      ...(options.body && { duplex: 'half' }),
    } as RequestInit);
    const text = await response.text();
    const mediaType = method === 'HEAD' ? '' : (response.headers.get('content-type') ?? '');
    const body = parsedBody(mediaType, text);
    const answer = { status: response.status, headers: response.headers, text, body };
    expectDocumented(app, method, path, answer);
    return answer;
  };

  return {
    app,
    navette,
    store,
    broker,
    call,
    get: (path: string, options?: CallOptions) => call('GET', path, options),
    post: (path: string, options?: CallOptions) => call('POST', path, options),
    /** Submits many: as JSON, or, of a text, its lines. */
    submitMany: (tasks: readonly unknown[] | string, query = '', headers: Record<string, string> = {}) =>
      call('POST', `/submit-tasks${query}`, {
        headers: {
          'Content-Type': typeof tasks === 'string' ? 'application/x-ndjson' : 'application/json',
          ...headers,
        },
        body: typeof tasks === 'string' ? tasks : JSON.stringify({ tasks }),
      }),
    /** Submits JSON: a value, or a text as it is. */
    submit: (submission: unknown, headers: Record<string, string> = {}, signal?: AbortSignal) =>
      call('POST', '/submit-task', {
        headers: { 'Content-Type': 'application/json', ...headers },
        body: typeof submission === 'string' ? submission : JSON.stringify(submission),
        ...(signal && { signal }),
      }),
  };
}

function parsedBody(mediaType: string, text: string): unknown {
  if (mediaType.startsWith('text/')) return text;
  if (mediaType === 'application/x-ndjson') return linesOf(text);
  return /[/+]json\b/.test(mediaType) && JSON.parse(text);
}

/** The values of NDJSON. */
export function linesOf(text: string): unknown[] {
  expect(text === '' || text.endsWith('\n'), text.slice(-80)).toBe(true);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** An API under test. */
export type Api = ReturnType<typeof createApi>;
