import { defineTask, type Json } from '@navette/domain';
import type { Agent } from 'undici';
import { z } from 'zod';
import { type AddressGuard, createAddressGuard } from './http/address-guard.ts';
import { targetUrl } from './http/target-url.ts';

const maxHeaders = 64;
const maxBodyLength = 1024 * 1024;

/** They belong to the connection or follow from the request, so nobody else may set them. */
const ownHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const headers = z
  .record(z.string(), z.string().max(8_192))
  .superRefine((record, context) => {
    const entries = Object.entries(record);
    if (entries.length > maxHeaders)
      context.addIssue({ code: 'custom', message: `has more than ${maxHeaders} fields` });
    for (const [name, value] of entries) {
      const message = headerProblem(name, value);
      if (message !== undefined) context.addIssue({ code: 'custom', message, path: [name] });
    }
  })
  .default({});

function headerProblem(name: string, value: string): string | undefined {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/.test(name)) return 'is not the name of a header';
  if (ownHeaders.has(name.toLowerCase())) return 'is a header that cannot be set';
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value) ? undefined : 'holds characters that a header cannot hold';
}

const status = z.int().min(200).max(599);

const payload = z
  .strictObject({
    url: targetUrl,
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
    headers,
    // A text is sent as it is, any other value as JSON.
    body: (z.unknown() as z.ZodType<Json, Json>).optional(),
    expectStatus: z.union([status, z.array(status).min(1).max(20)]).optional(),
  })
  .superRefine(({ method, body }, context) => {
    if (body === undefined) return;
    const refuse = (message: string) => context.addIssue({ code: 'custom', message, path: ['body'] });
    if (method === 'GET' || method === 'HEAD') refuse(`cannot be sent with ${method}`);
    if (typeof body === 'string' && body.length > maxBodyLength) refuse(`is longer than ${maxBodyLength} characters`);
  });

/** The payload of an `http.request`, its defaults filled in. */
export type HttpRequestPayload = z.output<typeof payload>;

/** What an `http.request` returns. */
export interface HttpRequestResult {
  readonly status: number;
  /** Those that say what the body is, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The value of a JSON body; of any other, its text; `null` if it was empty. */
  readonly body: Json;
  /** The body was longer than 1 MB (1,048,576 bytes), and is a text cut there. */
  readonly truncated: boolean;
}

/**
 * Defines `http.request`: sends one request, following up to five redirects.
 *
 * A success is a 2xx, or what `expectStatus` says. 429, 5xx and failures of the network are tried again, 429 and 503
 * not before their Retry-After; any other status is permanent (`http_404`). An attempt whose worker dies is made again,
 * so what must not happen twice needs a header by which the other side can tell.
 *
 * @param guard which addresses may be reached; default: public ones
 */
export function defineHttpRequest(guard: AddressGuard = createAddressGuard([])) {
  let agent: Agent | undefined;
  return defineTask({
    type: 'http.request',
    description: 'Sends an HTTP request to a public address and returns status, headers and body.',
    payload,
    handler: async (request, { signal }): Promise<HttpRequestResult> => {
      const { createGuardedAgent } = await import('./http/guarded-agent.ts');
      const { performRequest } = await import('./http/perform-request.ts');
      agent ??= createGuardedAgent(guard);
      return performRequest(request, agent, signal);
    },
  });
}

/** `http.request` to public addresses. */
export const httpRequest = defineHttpRequest();
