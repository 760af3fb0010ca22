import { z } from 'zod';

/** Why a URL may not be asked for at all, or `undefined`. Where it leads to is the address guard's question. */
export function urlProblem(url: URL): string | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must be an http or https URL';
  // They would be kept, and shown, with the payload; a header at least says what it is.
  if (url.username !== '' || url.password !== '') return 'must not hold credentials; send an authorization header';
  return undefined;
}

/** A URL in a payload: absolute, http or https, without credentials. */
export const targetUrl = z
  .string()
  .max(8_192)
  .superRefine((text, context) => {
    const problem = URL.canParse(text) ? urlProblem(new URL(text)) : 'must be an absolute URL';
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({ format: 'uri' });

/** A URL as it may appear in messages: queries often hold secrets. */
export function printableUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
