import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { memoryNavette } from '@navette/adapters/memory';
import { type ApiKey, createApp } from '@navette/app-api';
import { silentLog } from '@navette/domain';
import { onTestFinished } from 'vitest';
import { taskTypes } from './task-types.ts';

/**
 * What goes wrong with a request: the connection breaks before or after the server did its work, or the answer is
 * another one.
 */
export type Fault = 'break-before' | 'break-after' | Response;

/** How a server of a test differs from a plain one. */
export interface ServerOptions {
  readonly apiKeys?: readonly ApiKey[];
  /** Asked for each request, counted from 1. */
  readonly fault?: (request: Request, number: number) => Fault | undefined;
  /** Answers some requests in the place of the API. */
  readonly answer?: (request: Request) => Promise<Response | undefined>;
}

/** Serves requests on a real port until the test is over. Gives the address. */
export async function serve(answer: (request: Request, incoming: IncomingMessage) => Promise<Response>) {
  const server = createAdaptorServer({
    fetch: (request, env) => answer(request, (env as { incoming: IncomingMessage }).incoming),
  }) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Serves the API in memory, with a worker if `work` is called. */
export async function serveApi({ apiKeys = [], fault, answer }: ServerOptions = {}) {
  const navette = memoryNavette({ tasks: taskTypes });
  onTestFinished(() => navette.close());
  const app = createApp({
    navette,
    health: { store: async () => true },
    apiKeys,
    loopbackOnly: apiKeys.length === 0,
    maxBodyBytes: 1_048_576,
    log: silentLog,
    version: '0.0.0-test',
  });
  const requests: string[] = [];
  const baseUrl = await serve(async (request, incoming) => {
    const { pathname, search } = new URL(request.url);
    requests.push(`${request.method} ${pathname}${search}`);
    const wrong = fault?.(request, requests.length);
    if (wrong instanceof Response) return wrong;
    if (wrong === 'break-before') incoming.socket.destroy();
    const response = (await answer?.(request)) ?? (await app.fetch(request));
    if (wrong === 'break-after') {
      // Only what is read has surely been done.
      await response.arrayBuffer();
      incoming.socket.destroy();
      return new Response();
    }
    return response;
  });
  return { app, navette, baseUrl, requests };
}
