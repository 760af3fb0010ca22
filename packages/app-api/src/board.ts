import { createBullBoard } from '@bull-board/api';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import { boardQueues } from '@navette/adapters/bull-board';
import type { Navette } from '@navette/domain';
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { boardPath } from './lazy-board.ts';

/**
 * Makes Bull Board over the store, in every set-up; with Redis the raw BullMQ queues stand beside it, read-only.
 * Mount it at {@link boardPath}, behind the access check.
 *
 * @param rawQueues BullMQ's own queues, where the broker is BullMQ.
 */
export async function createBoard(navette: Navette, rawQueues: Parameters<typeof boardQueues>[1] = []): Promise<Hono> {
  const serverAdapter = new HonoAdapter(serveStatic);
  createBullBoard({
    queues: await boardQueues(navette, rawQueues),
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'Navette',
        hideDocsLink: true,
        hideRedisDetails: rawQueues.length === 0,
        miscLinks: [{ text: 'HTTP API', url: '/docs' }],
      },
    },
  });
  const board = new Hono();
  board.use(secureHeaders({ contentSecurityPolicy: nothingFromOutside }));
  board.route('/', serverAdapter.setBasePath(boardPath).registerPlugin());
  return board;
}

/** Bull Board's page links a web font; the board works without it, and without a network. */
const nothingFromOutside = {
  defaultSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  frameAncestors: ["'none'"],
};
