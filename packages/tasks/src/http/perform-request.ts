import type { Agent } from 'undici';
import type { HttpRequestPayload, HttpRequestResult } from '../http-request.ts';
import { exchange, type HttpRequest, type HttpResponse } from './exchange.ts';
import { networkError } from './exchange-error.ts';
import { bodyValue, type CappedBody, readCapped } from './response-body.ts';
import { failureOf } from './response-failure.ts';

/** The most of a response that is kept, bytes. */
const maxBodyBytes = 1024 * 1024;

const keptHeaders = new Set([
  'cache-control',
  'content-language',
  'content-length',
  'content-type',
  'date',
  'etag',
  'last-modified',
  'location',
]);

/** Does what an `http.request` task asks for. */
export async function performRequest(
  payload: HttpRequestPayload,
  agent: Agent,
  signal: AbortSignal,
): Promise<HttpRequestResult> {
  const expected = successTest(payload.expectStatus);
  const response = await exchange(requestOf(payload), { agent, signal, expected });
  if (!expected(response.status)) throw await failureOf(response);
  const body = await readBody(response, signal);
  return {
    status: response.status,
    headers: kept(response.headers),
    body: bodyValue(body, response.headers['content-type']),
    truncated: body.truncated,
  };
}

/** Reads a body as far as it is kept. @throws the signal's reason; a transient error where the body breaks off. */
async function readBody(response: HttpResponse, signal: AbortSignal): Promise<CappedBody> {
  try {
    return await readCapped(response.body, maxBodyBytes);
  } catch (error) {
    signal.throwIfAborted();
    throw networkError(response.request, error);
  }
}

function requestOf({ method, url, headers, body }: HttpRequestPayload): HttpRequest {
  const sent = new Headers(headers);
  const setDefault = (name: string, value: string) => {
    if (!sent.has(name)) sent.set(name, value);
  };
  setDefault('accept', '*/*');
  setDefault('user-agent', 'navette');
  const isJson = body !== undefined && typeof body !== 'string';
  if (isJson) setDefault('content-type', 'application/json');
  return {
    method,
    url: new URL(url),
    headers: Object.fromEntries(sent),
    body: isJson ? JSON.stringify(body) : body,
  };
}

function successTest(expectStatus: HttpRequestPayload['expectStatus']): (status: number) => boolean {
  if (expectStatus === undefined) return (status) => status >= 200 && status < 300;
  const statuses = new Set([expectStatus].flat());
  return (status) => statuses.has(status);
}

function kept(headers: HttpResponse['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => keptHeaders.has(name)));
}
