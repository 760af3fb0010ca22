import { silentLog } from '@navette/domain';
import { Hono } from 'hono';
import { problemResponse } from './problems.ts';
import { unknownAddress } from './unknown-address.ts';

/** Where the board is served. */
export const boardPath = '/board';

/**
 * A board that is loaded when it is first asked for: Bull Board takes as long to load as all the rest of the API. Mount
 * it at {@link boardPath}.
 * @param load loads it; called again after a failure
 */
export function createLazyBoard(load: () => Promise<Hono>): Hono {
  let loading: Promise<Hono> | undefined;
  const mounted = async () => {
    const app = new Hono();
    // Whoever this app is mounted in answers for what goes wrong here.
    app.onError((error) => {
      throw error;
    });
    // Not thrown: Bull Board takes every error for one of its own.
    app.notFound((c) => problemResponse(unknownAddress(app, c.req), silentLog));
    return app.route(boardPath, await load());
  };
  return new Hono().on('ALL', ['/', '*'], async (c) => {
    loading ??= mounted();
    try {
      await loading;
    } catch (error) {
      loading = undefined;
      throw error;
    }
    return (await loading).fetch(c.req.raw, c.env);
  });
}
