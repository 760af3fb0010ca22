import type { TransactionStatus } from './wire-message.ts';

/** What a reply of PostgreSQL says, and what of it belongs to the client that asked. */
export interface WireReply {
  /** Status after the batch; `undefined` when the batch ended in Flush and the exchange is still open. */
  readonly status: TransactionStatus | undefined;
  /** The reply without notifications: those go to whoever listens, not to the client that asked. */
  readonly forwarded: Buffer;
  readonly notifications: readonly Buffer[];
  /** Command tags that change the state of the shared session: LISTEN, UNLISTEN, SET, RESET, DISCARD … */
  readonly sessionTags: readonly string[];
  /** The first ErrorResponse. */
  readonly error: Buffer | undefined;
}

const NOTIFICATION = 0x41;
const COMMAND_COMPLETE = 0x43;
const ERROR = 0x45;
const READY = 0x5a;

const SESSION_TAG = /^(?:LISTEN|UNLISTEN|SET|RESET|DISCARD.*)$/;

/** Reads a complete reply in one pass over its frame headers. */
export function readReply(data: Buffer): WireReply {
  const notifications: Buffer[] = [];
  const sessionTags: string[] = [];
  const kept: Buffer[] = [];
  let status: TransactionStatus | undefined;
  let error: Buffer | undefined;
  let keptFrom = 0;

  for (let start = 0; start + 5 <= data.length; ) {
    const end = start + 1 + data.readInt32BE(start + 1);
    switch (data[start]) {
      case NOTIFICATION:
        notifications.push(data.subarray(start, end));
        kept.push(data.subarray(keptFrom, start));
        keptFrom = end;
        break;
      case COMMAND_COMPLETE: {
        const tag = data.toString('latin1', start + 5, end - 1);
        if (SESSION_TAG.test(tag)) sessionTags.push(tag);
        break;
      }
      case ERROR:
        error ??= data.subarray(start, end);
        break;
      case READY:
        status = String.fromCharCode(data[end - 1] ?? 0) as TransactionStatus;
        break;
    }
    start = end;
  }
  const forwarded = notifications.length === 0 ? data : Buffer.concat([...kept, data.subarray(keptFrom)]);
  return { status, forwarded, notifications, sessionTags, error };
}
