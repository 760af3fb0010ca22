import type { Hono } from 'hono';
import { HttpError } from './problems.ts';

/** What a request for which an app has no handler is answered: `405` where another method has one, otherwise `404`. */
export function unknownAddress({ router }: Pick<Hono, 'router'>, path: string): HttpError {
  // The router itself only knows whether the asked method has a handler.
  const candidates = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  const allowed = candidates.filter((method) =>
    router.match(method, path)[0].some(([[, route]]) => route.method !== 'ALL'),
  );
  if (allowed.length === 0) return new HttpError('not_found', 'there is nothing at this address; see /docs');
  const list = allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method)).join(', ');
  return new HttpError('method_not_allowed', `this address takes ${list} only; see /docs`, { Allow: list });
}
