// Reads HTTP/1.1 answers from bytes, strictly: what is no answer is an error.

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, string>} headers by lower-case name
 * @property {string} body
 * @property {boolean} isWhole false: the connection ended, or was let go, before the answer did
 */

/** Takes answers off a buffer, one for each request that has been sent. */
export class HttpReader {
  #bytes = Buffer.alloc(0);
  #ended = false;

  /** @param {Buffer} chunk */
  push(chunk) {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
  }

  /** Nothing more is to come. */
  end() {
    this.#ended = true;
  }

  /** What has not been read. */
  get rest() {
    return this.#bytes;
  }

  /**
   * The next answer; undefined while it is not there yet.
   * @param {string} method that of its request
   * @param {boolean} isImpatient gives what has come of it
   * @returns {Answer | undefined}
   * @throws Error for what is no HTTP
   */
  next(method, isImpatient = false) {
    for (;;) {
      const headEnd = this.#bytes.indexOf('\r\n\r\n');
      if (headEnd === -1) {
        const begin = this.#bytes.toString('latin1', 0, 9);
        if (!'HTTP/1.1 '.startsWith(begin)) throw this.#broken();
        return undefined;
      }
      const { status, headers } = readHead(this.#bytes.toString('latin1', 0, headEnd));
      const start = headEnd + 4;
      if (status < 200 && status !== 101) {
        this.#bytes = this.#bytes.subarray(start);
        continue;
      }
      const found = this.#readBody(method, status, headers, start);
      if (!found)
        return isImpatient
          ? this.#take(status, headers, this.#bytes.subarray(start), this.#bytes.length, false)
          : undefined;
      return this.#take(status, headers, found.body, found.end, found.isWhole ?? true);
    }
  }

  #take(status, headers, body, end, isWhole) {
    this.#bytes = this.#bytes.subarray(end);
    return { status, headers, body: body.toString('utf8'), isWhole };
  }

  #readBody(method, status, headers, start) {
    if (method === 'HEAD' || status === 204 || status === 304) return { body: Buffer.alloc(0), end: start };
    if (headers['transfer-encoding'] === 'chunked') return this.#readChunks(start);
    const length = headers['content-length'];
    if (length === undefined)
      return this.#ended ? { body: this.#bytes.subarray(start), end: this.#bytes.length } : undefined;
    const end = start + Number(length);
    if (this.#bytes.length >= end) return { body: this.#bytes.subarray(start, end), end };
    return this.#ended ? { body: this.#bytes.subarray(start), end: this.#bytes.length, isWhole: false } : undefined;
  }

  #readChunks(start) {
    const parts = [];
    for (let at = start; ; ) {
      const lineEnd = this.#bytes.indexOf('\r\n', at);
      const size = lineEnd === -1 ? Number.NaN : Number.parseInt(this.#bytes.toString('latin1', at, lineEnd), 16);
      const end = lineEnd + 2 + size + 2;
      if (lineEnd === -1 || this.#bytes.length < end) {
        return this.#ended ? { body: Buffer.concat(parts), end: this.#bytes.length, isWhole: false } : undefined;
      }
      if (Number.isNaN(size)) throw this.#broken();
      if (size === 0) return { body: Buffer.concat(parts), end };
      parts.push(this.#bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
      at = end;
    }
  }

  #broken() {
    return new Error(`no HTTP answer: ${JSON.stringify(this.#bytes.toString('latin1', 0, 200))}`);
  }
}

/**
 * All the answers in what a connection gave, none of them to a HEAD.
 * @param {{ bytes: Buffer, isClosed: boolean }} received
 * @returns {{ answers: Answer[], fault?: string }} `fault`: what is no answer
 */
export function readAll({ bytes, isClosed }) {
  const reader = new HttpReader();
  reader.push(bytes);
  if (isClosed) reader.end();
  const answers = [];
  try {
    for (let answer = reader.next('GET', true); answer; answer = reader.next('GET', true)) answers.push(answer);
  } catch (error) {
    return { answers, fault: error.message };
  }
  return reader.rest.length > 0 && isClosed ? { answers, fault: 'bytes that are no answer' } : { answers };
}

function readHead(text) {
  const [first, ...lines] = text.split('\r\n');
  const [, status] = /^HTTP\/1\.[01] (\d{3})(?: .*)?$/.exec(first) ?? [];
  if (!status) throw new Error(`no status line: ${JSON.stringify(first.slice(0, 200))}`);
  const headers = {};
  for (const line of lines) {
    const [, name, value] = /^([\w-]+): ?(.*)$/.exec(line) ?? [];
    if (!name) throw new Error(`no header: ${JSON.stringify(line.slice(0, 200))}`);
    headers[name.toLowerCase()] = value;
  }
  return { status: Number(status), headers };
}
