import { cstring, frame, syncFrame } from './wire-message.ts';

const BIND = 0x42;
const CLOSE = 0x43;
const DESCRIBE = 0x44;
const PARSE = 0x50;
const STATEMENT = 0x53;

/**
 * Gives the prepared statements of one virtual client names of their own in the session that all clients share, so that
 * two clients may prepare different statements under one name. Portals need no such care: they end with their transaction.
 */
export class StatementNames {
  readonly #prefix: string;
  readonly #names = new Map<string, string>();
  #counter = 0;

  /** @param clientId number of the virtual client, unique in the session */
  constructor(clientId: number) {
    this.#prefix = `c${clientId}_`;
  }

  /** The frames to send instead of `message`; other messages and unnamed statements pass unchanged. */
  rewrite(message: Buffer): readonly Buffer[] {
    switch (message[0]) {
      case PARSE:
        return this.#replace(message, 5);
      case BIND:
        return this.#replace(message, message.indexOf(0, 5) + 1);
      case DESCRIBE:
        return message[5] === STATEMENT ? this.#replace(message, 6) : [message];
      case CLOSE: {
        if (message[5] !== STATEMENT) return [message];
        const rewritten = this.#replace(message, 6);
        this.#names.delete(message.toString('utf8', 6, message.length - 1));
        return rewritten;
      }
      default:
        return [message];
    }
  }

  /** A batch that closes every statement of this client; `undefined` when it has none. */
  closeAll(): Buffer | undefined {
    if (this.#names.size === 0) return undefined;
    const closes = [...this.#names.values()].map((name) => frame('C', cstring(`S${name}`)));
    this.#names.clear();
    return Buffer.concat([...closes, syncFrame]);
  }

  // The tail of a Bind holds the parameters, which may be megabytes: it is passed on as a view, never copied here.
  #replace(message: Buffer, start: number): readonly Buffer[] {
    const end = message.indexOf(0, start);
    if (end === start) return [message];
    const replacement = Buffer.from(this.#sessionName(message.toString('utf8', start, end)));
    const head = Buffer.concat([message.subarray(0, start), replacement]);
    head.writeInt32BE(message.readInt32BE(1) + replacement.length - (end - start), 1);
    return [head, message.subarray(end)];
  }

  // Numbered, not prefixed: PostgreSQL cuts names at 63 bytes, where two long names would become one.
  #sessionName(name: string): string {
    let sessionName = this.#names.get(name);
    if (sessionName === undefined) {
      sessionName = `${this.#prefix}${++this.#counter}`;
      this.#names.set(name, sessionName);
    }
    return sessionName;
  }
}
