import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be frozen (it takes connections and answers nothing) or cut. */
export interface TcpProxy {
  /** The server's URL by this way. */
  readonly url: string;
  /** Nothing goes through any more, and nobody is told. */
  freeze(): void;
  /** Breaks every connection and takes no new one. */
  cut(): void;
  /** Breaks every connection, and takes new ones. */
  breakAll(): void;
  /** All goes through again; what was frozen goes on. */
  restore(): void;
  close(): Promise<void>;
}

/** Opens a way to the server of a URL. */
export async function openProxy(serverUrl: string): Promise<TcpProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let state: 'open' | 'frozen' | 'cut' = 'open';

  const server = createServer((near) => {
    if (state === 'cut') return near.destroy();
    const far = connect(Number(target.port || 5432), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      if (state === 'frozen') from.unpipe(to).pause();
    }
    peers.set(near, far).set(far, near);
  });
  const peers = new Map<Socket, Socket>();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);

  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    freeze: () => {
      state = 'frozen';
      for (const socket of sockets) socket.unpipe().pause();
    },
    cut: () => {
      state = 'cut';
      breakAll();
    },
    breakAll,
    restore: () => {
      state = 'open';
      for (const socket of sockets) socket.pipe(peers.get(socket) as Socket);
    },
    close: async () => {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
