import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { memoryNavette } from '@navette/adapters/memory';
import { type ApiKey, createApp } from '@navette/app-api';
import { silentLog } from '@navette/domain';
import { onTestFinished } from 'vitest';
import { taskTypes } from './task-types.ts';

/** How a server of a test differs from a plain one. */
export interface ServerOptions {
  readonly apiKeys?: readonly ApiKey[];
  /** Breaks the connection of a request, counted from 1, after the server did its work. */
  readonly breaks?: (request: Request, number: number) => boolean;
}

/** Serves the API in memory on a real port until the test is over. */
export async function serveApi({ apiKeys = [], breaks = () => false }: ServerOptions = {}) {
  const navette = memoryNavette({ tasks: taskTypes });
  const app = createApp({
    navette,
    health: { store: async () => true },
    apiKeys,
    loopbackOnly: apiKeys.length === 0,
    maxBodyBytes: 1_048_576,
    log: silentLog,
    version: '0.0.0-test',
  });
  let requests = 0;
  const server = createAdaptorServer({
    fetch: async (request, env) => {
      const breaking = breaks(request, ++requests);
      const response = await app.fetch(request);
      if (breaking) {
        await response.arrayBuffer();
        (env as { incoming: { socket: { destroy(): void } } }).incoming.socket.destroy();
        return new Response();
      }
      return response;
    },
  }) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await navette.close();
  });
  return { navette, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => requests };
}
