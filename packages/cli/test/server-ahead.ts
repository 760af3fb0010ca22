import type { App } from '@navette/app-api';
import type { Navette } from '@navette/domain';

/** Answers calls of the HTTP contract that an API does not have yet; `undefined` for those it has. */
export async function answerAhead(app: App, navette: Navette, request: Request): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  const known = app.routes.some(({ method, path }) => method !== 'ALL' && path === `/${pathname.split('/')[1]}`);
  if (known) return undefined;
  if (pathname.startsWith('/operations')) return operate(navette, request, pathname);
  return undefined;
}

let operation = { id: 'op-1', action: 'cancel', state: 'running', total: 0, done: 0, failed: 0 };

async function operate(navette: Navette, request: Request, pathname: string): Promise<Response> {
  if (pathname.endsWith('/stop')) operation = { ...operation, state: 'stopped' };
  if (pathname !== '/operations') return Response.json(operation);
  const { action, filter, dryRun } = (await request.json()) as {
    action: 'cancel' | 'retry';
    filter: { state?: []; type?: string };
    dryRun?: boolean;
  };
  const { items } = await navette.search({ states: filter.state, type: filter.type });
  if (dryRun) return Response.json({ count: items.length, sample: items.map((task) => ({ ...task, maxAttempts: 3 })) });
  for (const { id } of items) await navette[action](id);
  operation = { ...operation, action, state: 'completed', total: items.length, done: items.length };
  return Response.json(operation, { status: 202 });
}
