import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { StartupError } from './startup-error.ts';

/** An HTTP server under control. */
export interface RunningServer {
  /** Where it is reached: `http://127.0.0.1:3000`. */
  readonly url: string;
  /**
   * Accepts nothing more and resolves when the requests under way are answered; after the deadline, ms, they are cut
   * off. Connections that wait for a further request are closed at once.
   */
  stop(deadlineMs: number): Promise<void>;
}

/** How often connections that became idle while the server stops are looked for, ms. */
const sweepMs = 50;

/**
 * Makes a server listen.
 * @throws StartupError if the address is taken, or is none of this machine.
 */
export async function listen(server: Server, host: string, port: number): Promise<RunningServer> {
  const open = new Map<Socket, Set<ServerResponse>>();
  let stopping = false;
  server.on('connection', (socket) => {
    const answers = new Set<ServerResponse>();
    open.set(socket, answers);
    socket.once('close', () => {
      open.delete(socket);
      // Node tells only the answer whose turn it is. Those that wait behind it are for nobody, either.
      for (const response of answers) if (response.socket === null) response.destroy().emit('close');
    });
  });
  server.prependListener('request', ({ socket }, response: ServerResponse) => {
    const answers = open.get(socket);
    answers?.add(response);
    response.once('close', () => answers?.delete(response));
    if (stopping) response.shouldKeepAlive = false;
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const { message } = error as Error;
    throw new StartupError([`HOST and PORT: cannot listen on ${host}, port ${port} (${message})`], { cause: error });
  }

  const stop = async (deadlineMs: number) => {
    stopping = true;
    // Told to close, a client does not send its next request into a closed connection.
    for (const answers of open.values()) for (const response of answers) response.shouldKeepAlive = false;
    const closed = once(server, 'close');
    server.close();
    const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
    const timeUp = setTimeout(() => server.closeAllConnections(), deadlineMs);
    await closed;
    clearInterval(sweep);
    clearTimeout(timeUp);
  };
  let stopped: Promise<void> | undefined;
  return {
    url: urlOf(server.address() as AddressInfo),
    stop: (deadlineMs) => {
      stopped ??= stop(deadlineMs);
      return stopped;
    },
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  const everywhere = address === '0.0.0.0' || address === '::';
  const host = everywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
