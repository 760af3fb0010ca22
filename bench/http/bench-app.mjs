// Navette's HTTP application as the bench serves it: without keys, for this machine alone, and without a log.
import { serve } from '@hono/node-server';
import { silentLog } from '@navette/adapters';
import { createApp } from '@navette/app-api';

/** @param more further parts of the application, such as a board */
export function createBenchApp(navette, more = {}) {
  return createApp({
    navette,
    health: { store: async () => true },
    apiKeys: [],
    loopbackOnly: true,
    maxBodyBytes: 1_048_576,
    log: silentLog,
    version: 'bench',
    ...more,
  });
}

/** Serves it on the port that the environment names, until this process is told to end. */
export function serveBenchApp(navette) {
  serve({ fetch: createBenchApp(navette).fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
  process.on('SIGTERM', () => process.exit(0));
}
