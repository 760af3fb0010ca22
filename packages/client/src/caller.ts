import createFetchClient, { type Client } from 'openapi-fetch';
import type { paths } from './api.generated.ts';
import type { Deadline } from './deadline.ts';
import { errorOfAnswer } from './errors.ts';
import { defaultRetryPolicy, type Repeatable, type RetryPolicy, retrying } from './retrying.ts';

/** How a client reaches its server. */
export interface ClientOptions {
  /** Where the API is: `https://navette.example.com`, also with a path. In a browser it may be relative. */
  readonly baseUrl: string;
  /** The secret of an API key. */
  readonly apiKey?: string | undefined;
  /** Instead of the platform's own. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** What differs from {@link defaultRetryPolicy}; `false`: one try only. */
  readonly retry?: Partial<RetryPolicy> | false | undefined;
  /** How long one try may take, ms, beside the time the call itself asks to wait. Default: 30,000. */
  readonly timeoutMs?: number | undefined;
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How a call differs from a plain one. */
export interface CallPlan extends CallOptions {
  /** Default: `always`. */
  readonly repeatable?: Repeatable;
  /** How long the server is asked to wait, ms. */
  readonly waitMs?: number;
}

/** What `openapi-fetch` gives. */
interface Answer<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** The way to one server. */
export interface Caller {
  readonly api: Client<paths>;
  readonly policy: RetryPolicy;
  readonly timeoutMs: number;
  /** Makes a call that answers with data. @throws NavetteApiError, NavetteConnectionError */
  call<Data>(
    plan: CallPlan | undefined,
    send: (init: { signal: AbortSignal }, deadline: Deadline) => Promise<Answer<Data>>,
  ): Promise<Data>;
}

/** Makes the way to a server. @throws TypeError if the address is none */
export function createCaller({ baseUrl, apiKey, fetch, retry = {}, timeoutMs = 30_000 }: ClientOptions): Caller {
  new URL(baseUrl, (globalThis as { location?: { href: string } }).location?.href);
  const api = createFetchClient<paths>({
    baseUrl,
    ...(fetch && { fetch }),
    ...(apiKey && { headers: { Authorization: `Bearer ${apiKey}` } }),
  });
  const policy = retry ? { ...defaultRetryPolicy, ...retry } : { ...defaultRetryPolicy, tries: 1 };
  return {
    api,
    policy,
    timeoutMs,
    call: ({ signal, repeatable = 'always', waitMs = 0 } = {}, send) =>
      retrying(async (deadline) => dataOf(await send({ signal: deadline.signal }, deadline)), {
        policy,
        repeatable,
        timeoutMs: timeoutMs + waitMs,
        signal,
      }),
  };
}

/** A body as JSON, written once for all tries: what cannot be written fails at once, and is no failure of the way. */
export function jsonBody<Body>(body: Body): { body: Body; bodySerializer: () => string } {
  const text = JSON.stringify(body);
  return { body, bodySerializer: () => text };
}

/** The data of an answer. @throws NavetteApiError */
export function dataOf<Data>({ data, error, response }: Answer<Data>): Data {
  if (!response.ok) throw errorOfAnswer(response, error);
  return data as Data;
}
