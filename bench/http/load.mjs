// The load: keep-alive connections, each with one request under way, written to the socket as prepared bytes. It shares
// the cores with what it measures, so it does as little as can be: see "The load" in docs/benchmarks.md.
import { connect } from 'node:net';
import { repeat } from '../pace.mjs';

const headEnd = Buffer.from('\r\n\r\n');

/**
 * Posts `body` over and over for that many seconds; with `perSecond` at that rate, else as fast as the connections go.
 * @returns count, seconds, latenciesMs, statuses (how many answers had which)
 */
export async function generateLoad({ port, path, headers = {}, body, connections, seconds, perSecond }) {
  const request = requestOf({ port, path, headers, body });
  const lanes = await Promise.all(Array.from({ length: connections }, () => openLane(port)));
  const statuses = {};
  const once = async (lane) => {
    const status = await lanes[lane].exchange(request);
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  const outcome = await repeat({ lanes: connections, seconds, perSecond, once });
  for (const lane of lanes) lane.close();
  return { ...outcome, statuses };
}

function requestOf({ port, path, headers, body }) {
  const head = { Host: `127.0.0.1:${port}`, 'Content-Type': 'application/json', ...headers };
  const lines = Object.entries({ ...head, 'Content-Length': Buffer.byteLength(body) });
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  );
}

/** One connection; `exchange` sends a request and gives the status of its answer. */
async function openLane(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let answered;
  let failed;
  let rest;
  socket.on('error', () => {});
  socket.on('close', () => failed?.(new Error('the server closed a connection')));
  socket.on('data', (chunk) => {
    const data = rest ? Buffer.concat([rest, chunk]) : chunk;
    const status = statusOf(data);
    rest = status === undefined ? data : undefined;
    if (status !== undefined) answered(status);
  });
  return {
    exchange: (request) =>
      new Promise((resolve, reject) => {
        answered = resolve;
        failed = reject;
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** The status of an answer; `undefined` while it is not complete. */
function statusOf(data) {
  const headLength = data.indexOf(headEnd);
  if (headLength < 0) return undefined;
  const head = data.latin1Slice(0, headLength);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (!length) throw new Error(`an answer without a length: ${head}`);
  return data.length < headLength + headEnd.length + Number(length[1]) ? undefined : Number(head.slice(9, 12));
}
