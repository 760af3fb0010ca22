import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { PermanentError } from '@navette/domain';
import type { Agent, Dispatcher } from 'undici';
import { networkError } from './exchange-error.ts';
import { printableUrl, urlProblem } from './target-url.ts';

/** What is sent. */
export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly url: URL;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** What came back, its body still to be read: whoever gets it reads the body to its end or destroys it. */
export interface HttpResponse {
  /** What was asked last, after redirects. */
  readonly request: HttpRequest;
  readonly status: number;
  /** By lower-case name; what was repeated is joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without its content encoding. */
  readonly body: Readable;
}

/** How to make an exchange. */
export interface ExchangeOptions {
  readonly agent: Agent;
  readonly signal: AbortSignal;
  /** Statuses to be given back, also where they would be redirects. */
  readonly expected?: ((status: number) => boolean) | undefined;
}

const maxRedirects = 5;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request and follows its redirects, each through the agent's guard.
 * @throws PermanentError `address_refused`, `invalid_redirect`, `too_many_redirects`; a transient error of code
 * `network_error`; the signal's reason.
 */
export async function exchange(first: HttpRequest, options: ExchangeOptions): Promise<HttpResponse> {
  let request = first;
  for (let redirects = 0; ; redirects++) {
    const response = await sendOnce(request, options);
    const { location } = response.headers;
    const follow = redirectStatuses.has(response.status) && location !== undefined;
    if (!follow || options.expected?.(response.status)) return response;
    discard(response.body);
    if (redirects === maxRedirects) {
      const message = `${printableUrl(first.url)} led through more than ${maxRedirects} redirects`;
      throw new PermanentError(message, { code: 'too_many_redirects' });
    }
    request = redirected(request, response.status, location);
  }
}

/** Lets go of a body that nobody wants; the connection is closed rather than read to its end. */
function discard(body: Readable): void {
  body.on('error', () => {}).destroy();
}

async function sendOnce(request: HttpRequest, { agent, signal }: ExchangeOptions): Promise<HttpResponse> {
  const { method, url, headers, body } = request;
  try {
    const answer = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers,
      body: body ?? null,
      signal,
    });
    const received = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
    const response = { request, status: answer.statusCode, headers: received, body: answer.body };
    return mayHaveBody(response) ? { ...response, body: decoded(answer.body, received['content-encoding']) } : response;
  } catch (error) {
    signal.throwIfAborted();
    throw networkError(request, error);
  }
}

/** Decoders take nothing at all for a body that was cut off. */
function mayHaveBody({ request, status, headers }: HttpResponse): boolean {
  return request.method !== 'HEAD' && status !== 204 && status !== 304 && headers['content-length'] !== '0';
}

const decoders: ReadonlyMap<string, () => ReturnType<typeof createGunzip>> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

function decoded(body: Readable, encoding = ''): Readable {
  const decoder = decoders.get(encoding.toLowerCase())?.();
  // An error of either stream ends the other one; the reader of the last meets it there.
  return decoder ? pipeline(body, decoder, () => {}) : body;
}

/** The next request of a redirect, by the rules of the Fetch standard. */
function redirected(request: HttpRequest, status: number, location: string): HttpRequest {
  const url = redirectTarget(request.url, location);
  const headers: Record<string, string> = { ...request.headers };
  if (url.origin !== request.url.origin) {
    delete headers.authorization;
    delete headers.cookie;
  }
  const { method } = request;
  const becomesGet = status === 303 ? method !== 'GET' && method !== 'HEAD' : status <= 302 && method === 'POST';
  if (!becomesGet) return { ...request, url, headers };
  for (const name of Object.keys(headers)) if (name.startsWith('content-')) delete headers[name];
  return { method: 'GET', url, headers };
}

function redirectTarget(from: URL, location: string): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const problem = url ? urlProblem(url) : 'is not a URL';
  if (url && problem === undefined) return url;
  const message = `${printableUrl(from)} redirects to somewhere that cannot be followed: the target ${problem}`;
  throw new PermanentError(message, { code: 'invalid_redirect' });
}
