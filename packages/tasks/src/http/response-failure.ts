import type { HttpResponse } from './exchange.ts';
import { statusError } from './exchange-error.ts';
import { bodyText, readCapped } from './response-body.ts';

/** How much of the answer an error quotes, bytes. */
const excerptBytes = 300;

/** The error for a response that is not a success; its body is read only as far as it is quoted. */
export async function failureOf(response: HttpResponse): Promise<Error> {
  const body = await readCapped(response.body, excerptBytes).catch(() => undefined);
  const excerpt = body ? bodyText(body, response.headers['content-type']) : '';
  return statusError(response, excerpt.trim());
}
