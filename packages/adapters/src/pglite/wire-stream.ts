import { Duplex } from 'node:stream';
import type { ExclusiveSession } from './exclusive-session.ts';
import type { SessionClient } from './session-client.ts';
import { noSettings, readStartupSettings, type SessionSettings } from './session-settings.ts';
import { StatementNames } from './statement-names.ts';
import { cstring, errorFrame, frame, readyFrame, type TransactionStatus, type WireError } from './wire-message.ts';

const FLUSH = 0x48;
const SYNC = 0x53;
const TERMINATE = 0x58;
// Query, Sync, FunctionCall, Flush: PostgreSQL answers after each of these.
const BATCH_END = new Set([0x51, SYNC, 0x46, FLUSH]);

let clients = 0;

/** The connection of one `pg.Client`: the socket that it talks to, and the server's side of the protocol. */
export class WireStream extends Duplex implements SessionClient {
  readonly transactionLimitMs: number;
  readonly #id: number;
  readonly #session: ExclusiveSession;
  readonly #serverVersion: string;
  readonly #statements: StatementNames;
  #settings: SessionSettings = noSettings;
  #started = false;
  #hungUp = false;
  #carry: Buffer | undefined;
  #batch: Buffer[] = [];
  #batchEnd: number | undefined;
  // Set after an error inside an open exchange: PostgreSQL ignores everything up to Sync, and so is done here.
  #statusAtSync: TransactionStatus | undefined;

  constructor(session: ExclusiveSession, options: { transactionLimitMs: number; serverVersion: string }) {
    super({ allowHalfOpen: false });
    this.#id = ++clients;
    this.#session = session;
    this.#statements = new StatementNames(this.#id);
    this.#serverVersion = options.serverVersion;
    this.transactionLimitMs = options.transactionLimitMs;
  }

  get settings(): SessionSettings {
    return this.#settings;
  }

  receive(messages: Buffer): void {
    if (this.destroyed || this.#hungUp) return;
    try {
      this.push(messages);
    } catch (error) {
      // Thrown by a listener of the client: as with a socket that is nobody's business but the process's.
      process.nextTick(() => {
        throw error;
      });
    }
  }

  refuse(error: WireError, status: TransactionStatus): void {
    if (this.#batchEnd === FLUSH) {
      this.#statusAtSync = status;
      this.receive(errorFrame(error));
    } else {
      this.receive(Buffer.concat([errorFrame(error), readyFrame(status)]));
    }
  }

  hangUp(error: WireError): void {
    this.receive(errorFrame(error));
    this.#hangUp();
  }

  /** Hands the connection back: a transaction left open is rolled back. */
  release(): void {
    this.#session.release(this);
  }

  // What pg.Client calls on a socket.
  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#consume(chunk);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error) => void): void {
    for (const { chunk } of chunks) this.#consume(chunk);
    done();
  }

  override _final(done: (error?: Error) => void): void {
    this.#disconnect();
    this.#hangUp();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#disconnect();
    done(error);
  }

  #hangUp(): void {
    if (this.#hungUp) return;
    this.#hungUp = true;
    this.push(null);
  }

  #disconnect(): void {
    this.#session.disconnect(this, this.#statements.closeAll());
  }

  #consume(chunk: Buffer): void {
    const data = this.#carry === undefined ? chunk : Buffer.concat([this.#carry, chunk]);
    let start = 0;
    while (start < data.length) {
      // Only the very first message has no type letter.
      const prefix = this.#started ? 1 : 0;
      if (data.length - start < prefix + 4) break;
      const end = start + prefix + data.readInt32BE(start + prefix);
      if (end > data.length) break;
      const message = data.subarray(start, end);
      if (this.#started) this.#accept(message);
      else this.#start(message);
      start = end;
    }
    this.#carry = start < data.length ? data.subarray(start) : undefined;
  }

  #start(message: Buffer): void {
    this.#started = true;
    const words = message.toString('utf8', 8).split('\0');
    const parameters = new Map<string, string>();
    for (let index = 0; index + 1 < words.length && words[index] !== ''; index += 2) {
      parameters.set(words[index] ?? '', words[index + 1] ?? '');
    }
    this.#settings = readStartupSettings(parameters);
    this.#session.connect(this, () => this.receive(this.#greeting()));
  }

  #greeting(): Buffer {
    const parameters = {
      server_version: this.#serverVersion,
      server_encoding: 'UTF8',
      client_encoding: 'UTF8',
      DateStyle: 'ISO, MDY',
      TimeZone: 'UTC',
      integer_datetimes: 'on',
      standard_conforming_strings: 'on',
    };
    const key = Buffer.alloc(8);
    key.writeInt32BE(this.#id);
    return Buffer.concat([
      frame('R', Buffer.alloc(4)),
      ...Object.entries(parameters).map(([name, value]) => frame('S', cstring(name), cstring(value))),
      frame('K', key),
      readyFrame('I'),
    ]);
  }

  #accept(message: Buffer): void {
    const type = message[0];
    if (type === TERMINATE) return void this.end();
    if (this.#statusAtSync !== undefined) {
      if (type === SYNC) this.#endSkipping(this.#statusAtSync);
      return;
    }
    this.#batch.push(...this.#statements.rewrite(message));
    if (type === undefined || !BATCH_END.has(type)) return;
    const [first, ...rest] = this.#batch;
    this.#batch = [];
    this.#batchEnd = type;
    if (first !== undefined) this.#session.submit(this, rest.length === 0 ? first : Buffer.concat([first, ...rest]));
  }

  #endSkipping(status: TransactionStatus): void {
    this.#statusAtSync = undefined;
    process.nextTick(() => this.receive(readyFrame(status)));
  }
}
