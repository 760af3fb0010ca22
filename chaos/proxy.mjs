// A way to PostgreSQL that the suite can block: for workers that are cut off from it, and for replies that get lost.
import { connect, createServer } from 'node:net';

/**
 * @typedef {object} Proxy
 * @property {string} url the server, by this way
 * @property {() => void} cut breaks every connection and takes no new one
 * @property {() => void} swallow requests go through, what the server answers is thrown away
 * @property {() => void} restore lets all through; connections whose answers were swallowed are broken
 * @property {() => number} swallowed how many connections have lost an answer so far
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} serverUrl
 * @returns {Promise<Proxy>}
 */
export async function openProxy(serverUrl) {
  const target = new URL(serverUrl);
  /** @type {Set<{ near: import('node:net').Socket, far: import('node:net').Socket, deaf: boolean }>} */
  const links = new Set();
  let mode = 'open';
  let lost = 0;

  const breakLink = ({ near, far }) => {
    near.destroy();
    far.destroy();
  };

  const onAnswer = (link, chunk) => {
    if (mode !== 'swallow') return void link.near.write(chunk);
    if (!link.deaf) lost++;
    link.deaf = true;
  };

  const server = createServer((near) => {
    if (mode === 'cut') return near.destroy();
    const far = connect(Number(target.port), target.hostname);
    const link = { near, far, deaf: false };
    links.add(link);
    near.on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk) => onAnswer(link, chunk));
    for (const socket of [near, far]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        links.delete(link);
        breakLink(link);
      });
    }
  });
  await new Promise((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve));
  const url = new URL(serverUrl);
  url.port = String(server.address().port);

  return {
    url: url.href,
    cut: () => {
      mode = 'cut';
      for (const link of links) breakLink(link);
    },
    swallow: () => {
      mode = 'swallow';
    },
    restore: () => {
      mode = 'open';
      for (const link of links) if (link.deaf) breakLink(link);
    },
    swallowed: () => lost,
    close: async () => {
      for (const link of links) breakLink(link);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
