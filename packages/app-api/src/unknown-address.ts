import type { Hono, HonoRequest } from 'hono';
import { HttpError } from './problems.ts';

/** What a request that no handler has answered is told: `405` where another method has one, otherwise `404`. */
export function unknownAddress(
  { router }: Pick<Hono, 'router'>,
  { method: asked, path }: Pick<HonoRequest, 'method' | 'path'>,
): HttpError {
  // The router itself only knows whether the asked method has a handler.
  const candidates = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  const allowed = candidates.filter((method) =>
    router.match(method, path)[0].some(([[, route]]) => route.method !== 'ALL'),
  );
  const list = allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method));
  // One that is there for the asked method has found nothing, such as a file.
  if (list.length === 0 || list.includes(asked)) {
    return new HttpError('not_found', 'there is nothing at this address; see /docs');
  }
  const names = list.join(', ');
  return new HttpError('method_not_allowed', `this address takes ${names} only; see /docs`, { Allow: names });
}
