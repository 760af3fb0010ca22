// Bytes to the API and answers from it, with nothing in between that would mend them.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpReader } from './http-reader.mjs';

/** @typedef {import('./http-reader.mjs').Answer} Answer */

/** One connection, kept as long as the server keeps it. */
export class Lane {
  #port;
  #socket;
  #reader = new HttpReader();
  #wake = () => {};

  /** @param {number} port */
  constructor(port) {
    this.#port = port;
  }

  /**
   * Sends one request, whatever is in it, and reads one answer.
   * @param {Buffer} bytes
   * @param {string} method as the server reads it
   * @param {{ withinMs: number, enoughMs?: number }} patience `enoughMs`: what has come by then is enough
   * @returns {Promise<Answer | string>} a text: why there is none
   */
  async ask(bytes, method, patience) {
    const isKept = this.#socket !== undefined;
    try {
      const answer = await this.#askOnce(bytes, method, patience);
      // A server may close a connection that it has kept at any time: as every client does, this one asks again.
      return answer === 'closed' && isKept ? await this.#askOnce(bytes, method, patience) : answer;
    } catch (error) {
      this.close();
      return error.message;
    }
  }

  async #askOnce(bytes, method, { withinMs, enoughMs = withinMs }) {
    if (!this.#socket) this.#open();
    const socket = this.#socket;
    socket.write(bytes);
    for (const startedAt = performance.now(); ; ) {
      const answer = this.#reader.next(method);
      if (answer) return this.#taken(answer);
      if (this.#socket !== socket) return this.#reader.next(method, true) ?? 'closed';
      const leftMs = enoughMs - (performance.now() - startedAt);
      if (leftMs <= 0) break;
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const part = this.#reader.next(method, true);
    this.close();
    return part ?? 'silent';
  }

  close() {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #taken(answer) {
    const isLast = answer.headers.connection === 'close';
    // One request, one answer: what else is there would be taken for the next one's.
    if (this.#reader.rest.length > 0 && !isLast)
      throw new Error(`more than one answer: ${this.#reader.rest.toString('latin1', 0, 200)}`);
    if (isLast) this.close();
    return answer;
  }

  #open() {
    const reader = new HttpReader();
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true });
    const ended = () => {
      reader.end();
      if (this.#socket === socket) this.#socket = undefined;
      this.#wake();
    };
    socket.on('data', (chunk) => {
      reader.push(chunk);
      this.#wake();
    });
    socket.on('end', ended).on('close', ended).on('error', ended);
    this.#socket = socket;
    this.#reader = reader;
  }
}

/**
 * Sends pieces on a connection of its own and gives every byte that comes back.
 * @param {number} port
 * @param {(string | Buffer | number)[]} pieces a number is a pause, ms
 * @param {{ ends?: 'read' | 'head' | 'half-close' | 'destroy', withinMs?: number, reads?: boolean }} [options] `head`: the
 *   head of an answer is enough
 * @returns {Promise<{ bytes: Buffer, isClosed: boolean, error?: string }>}
 */
export async function sendRaw(port, pieces, { ends = 'read', withinMs = 10_000, reads = true } = {}) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
  const chunks = [];
  let isClosed = false;
  let error;
  const ended = new Promise((resolve) => {
    const end = (cause) => {
      isClosed = true;
      error ??= cause?.code;
      resolve();
    };
    socket
      .on('end', end)
      .on('close', () => end())
      .on('error', end);
  });
  let headCame = () => {};
  const head = new Promise((resolve) => {
    headCame = resolve;
  });
  if (reads) {
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (chunk.includes('\r\n\r\n')) headCame();
    });
  }
  for (const piece of pieces) {
    if (typeof piece === 'number') await sleep(piece);
    else if (socket.writable) socket.write(piece);
  }
  if (ends === 'half-close') socket.end();
  const enough = ends === 'head' ? [ended, head] : [ended];
  if (ends !== 'destroy') await Promise.race([...enough, sleep(withinMs)]);
  socket.destroy();
  return { bytes: Buffer.concat(chunks), isClosed, error };
}
