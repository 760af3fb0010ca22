// Frames of the PostgreSQL protocol, version 3: one type byte, a 32-bit length that counts itself, the body.
// Source: https://www.postgresql.org/docs/current/protocol-message-formats.html

/** Transaction status that PostgreSQL reports after a batch: idle, in a transaction, in a failed transaction. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** A frame with the given type letter around the body parts. */
export function frame(type: string, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  const head = Buffer.allocUnsafe(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(length, 1);
  return Buffer.concat([head, ...parts], length + 1);
}

/** A string as the protocol writes it: UTF-8, ended by a zero byte. */
export function cstring(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

/** A simple query. It ends a batch. */
export function queryFrame(sql: string): Buffer {
  return frame('Q', cstring(sql));
}

/** Sync: ends a batch of the extended protocol. */
export const syncFrame: Buffer = frame('S');

/** ReadyForQuery with the given status. */
export function readyFrame(status: TransactionStatus): Buffer {
  return frame('Z', Buffer.from(status, 'latin1'));
}

/** What an ErrorResponse carries. `FATAL` tells the client that its connection ends. */
export interface WireError {
  readonly severity: 'ERROR' | 'FATAL';
  /** SQLSTATE, five characters. */
  readonly code: string;
  readonly message: string;
}

/** An ErrorResponse. */
export function errorFrame({ severity, code, message }: WireError): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${code}`, `M${message}`];
  return frame('E', ...fields.map(cstring), Buffer.from([0]));
}

/** The text of an ErrorResponse frame. */
export function errorText(error: Buffer): string {
  const fields = error.toString('utf8', 5).split('\0');
  return fields.find((field) => field.startsWith('M'))?.slice(1) ?? 'unknown error';
}

/** The SQL text of a batch: its first Query or Parse message, `undefined` when it has neither. */
export function batchText(batch: Buffer): string | undefined {
  for (const message of frames(batch)) {
    if (message[0] === 0x51) return message.toString('utf8', 5, message.length - 1);
    if (message[0] === 0x50) {
      const start = message.indexOf(0, 5) + 1;
      return message.toString('utf8', start, message.indexOf(0, start));
    }
  }
  return undefined;
}

const COPY = /\bcopy\b/i;
const FROM_CLIENT = /\bfrom\s+stdin\b/i;
const copyFailFrame = frame('f', cstring('the embedded PostgreSQL cannot read COPY data from a client'));

/**
 * The batch, made to fail where it would read COPY data: PGlite has no client to wait for, and would take the end of the
 * batch for the end of the connection. Outside a COPY PostgreSQL ignores the message that is added.
 */
export function withoutCopyInput(batch: Buffer): Buffer {
  const sql = batchText(batch) ?? '';
  if (!COPY.test(sql) || !FROM_CLIENT.test(sql)) return batch;
  return batch[0] === 0x51
    ? Buffer.concat([batch, copyFailFrame])
    : Buffer.concat([batch.subarray(0, -syncFrame.length), copyFailFrame, syncFrame]);
}

/** Each complete frame of a buffer, as views on it. */
export function* frames(data: Buffer): Generator<Buffer> {
  for (let start = 0; start + 5 <= data.length; ) {
    const end = start + 1 + data.readInt32BE(start + 1);
    yield data.subarray(start, end);
    start = end;
  }
}
