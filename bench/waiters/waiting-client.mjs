// Many clients that wait, each on a socket of its own, as cheap as they can be: what they cost must not be measured.
import { connect } from 'node:net';

/**
 * Opens a request and waits.
 * @param isOpen tells by what has come whether the server has taken it up; without it, once it is sent
 * @returns opened: resolves then; ended: with the moment (epoch ms) at which the end of the task came, and its text
 */
export function openWaiting(port, path, { isOpen } = {}) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let text = '';
  const opened = new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`, () => isOpen || resolve());
    });
    socket.on('data', () => isOpen?.(text) && resolve());
  });
  const ended = new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed without an end: ${text.slice(0, 200)}`)));
    socket.prependListener('data', (chunk) => {
      const at = performance.timeOrigin + performance.now();
      text += chunk.latin1Slice();
      if (text.includes('"state":"completed"')) resolve({ at, text });
    });
  });
  return { opened, ended, close: () => socket.destroy() };
}
