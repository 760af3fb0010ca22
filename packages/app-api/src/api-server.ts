import { createServer, maxHeaderSize, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Log } from '@navette/domain';
import type { App } from './app.ts';
import { HttpError, problemOf, problemResponse, problemType } from './problems.ts';

/** Makes the HTTP server of an API, not listening yet. What is no proper HTTP is refused with a problem document, too. */
export function createApiServer(app: App, log: Log): Server {
  const listener = getRequestListener(app.fetch, { errorHandler: (error) => problemResponse(errorOf(error), log) });
  /** The answer that each connection was given last, or is being given. */
  const latest = new WeakMap<Duplex, ServerResponse>();
  // The listener itself refuses a request without a Host, and says why.
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    latest.set(request.socket, response);
    return listener(request, response);
  });
  server.on('clientError', (error: ClientError, socket) => {
    // An answer that is under way must not be written into; what has been written of it is still sent.
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else if (isAnswering(latest.get(socket), socket)) endGently(socket);
    else refuse(refusalOf(error), socket, log);
  });
  server.on('checkExpectation', (_request, response) => {
    const problem = problemOf(new HttpError('expectation_failed', 'only 100-continue can be expected'), log);
    const body = JSON.stringify(problem);
    response
      .writeHead(problem.status, { 'Content-Type': problemType, 'Content-Length': Buffer.byteLength(body) })
      .end(body);
  });
  return server;
}

type ClientError = Error & { readonly code?: string; readonly reason?: string };

/** The address or the Host of a request may be none that there can be. */
function errorOf(error: unknown): unknown {
  return error instanceof RequestError ? new HttpError('malformed_request', `the address: ${error.message}`) : error;
}

function refusalOf({ code, reason }: ClientError): HttpError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new HttpError('headers_too_large', `address and headers together are larger than ${maxHeaderSize} bytes`);
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new HttpError('payload_too_large', 'the extensions of a chunk are too long');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HttpError('request_timeout', 'the request did not come in time');
    default:
      return new HttpError('malformed_request', reason ?? 'this is not HTTP/1.1');
  }
}

function isAnswering(response: ServerResponse | undefined, socket: Duplex): boolean {
  if (!response || response.writableFinished) return false;
  // One that is not its socket's yet waits behind another.
  return response.socket !== socket || response.headersSent;
}

/** Answers by hand and closes: there is no request to answer, or none whose end can be found. */
function refuse(error: HttpError, socket: Duplex, log: Log): void {
  const problem = problemOf(error, log);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `Content-Type: ${problemType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  endGently(socket, `${head.join('\r\n')}\r\n\r\n${body}`);
}

/** How long a client may go on sending what nobody reads, ms. */
const lingerMs = 1_000;

/**
 * Closes a connection, reading and dropping what still comes. Closed with something unread in it, it would be reset, and
 * a client that is still sending would never see its answer. See "lingering close" in RFC 9112, section 9.6.
 */
function endGently(socket: Duplex, last = ''): void {
  socket
    .removeAllListeners('data')
    .removeAllListeners('end')
    .on('data', () => {});
  socket.end(last);
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
}
