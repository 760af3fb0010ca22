import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type Log, type System, silentLog } from '@navette/domain';
import { createSystem } from '../system/index.ts';
import { createListenConnection, type ListenConnection, type ListenConnectionOptions } from './listen-connection.ts';

/** Carries short lines to the other processes on the same channel. Any of them may be lost. */
export interface Signals {
  /** Sends a line, soon and together with others; `once`: before those, and not again while it still waits. */
  send(line: string, options?: { readonly once?: boolean }): void;
  /** Hears the lines of others; the answer ends it. */
  onLine(listener: (line: string) => void): () => void;
  /** Calls back each time listening begins: lines may have been lost before. The answer ends it. */
  onListening(listener: () => void): () => void;
  /** Resolves when listening, or when the database is away or keeps one waiting. */
  listening(): Promise<void>;
  close(): Promise<void>;
}

/** How signals are set up. */
export interface SignalsOptions extends Pick<ListenConnectionOptions, 'createClient'> {
  /** Only processes on the same channel hear each other. */
  readonly channel: string;
  readonly log?: Log | undefined;
  readonly system?: Pick<System, 'after' | 'monotonicMs'> | undefined;
}

/** At most one NOTIFY per so many ms and process, since each takes a lock on all of them; the first goes at once. */
const sendEveryMs = 5;
/** How long `listening` waits, ms. */
const patienceMs = 800;

/** Signals where no other process can be: nothing is sent, nothing is lost. */
export function createSilentSignals(): Signals {
  const nothing = () => () => {};
  return { send: () => {}, onLine: nothing, onListening: nothing, listening: async () => {}, close: async () => {} };
}

/**
 * Makes signals over LISTEN and NOTIFY, on a connection of their own, made when it is first needed. NOTIFY is a statement
 * by itself, never part of the transaction that it tells of.
 */
export function createSignals({ log = silentLog, system = createSystem(), ...options }: SignalsOptions): Signals {
  const origin = randomUUID();
  const lineListeners = new Set<(line: string) => void>();
  const listeningListeners = new Set<() => void>();
  const outbox = createOutbox(origin);
  let sentAt = Number.NEGATIVE_INFINITY;
  let sending: Promise<void> | undefined;
  let cancelTimer = () => {};
  let connection: ListenConnection | undefined;
  let closed = false;

  const connect = () =>
    createListenConnection({
      ...options,
      log,
      system,
      onNotification: (payload) => {
        // Its own come back to it, all of them.
        if (payload.startsWith(origin)) return;
        const [, ...lines] = payload.split('\n');
        for (const line of lines) for (const listener of lineListeners) listener(line);
      },
      onListening: () => {
        for (const listener of listeningListeners) listener();
        sendSoon();
      },
    });

  const send = async () => {
    const waitMs = sentAt + sendEveryMs - system.monotonicMs();
    // Not at once, so that the lines of one turn of the event loop go together.
    if (waitMs <= 0) await setImmediate();
    else {
      await new Promise<void>((resolve) => {
        cancelTimer = system.after(waitMs, resolve);
      });
    }
    sentAt = system.monotonicMs();
    await sendNow();
  };

  const sendNow = async () => {
    const payloads = connection?.isListening ? outbox.take() : [];
    if (payloads.length === 0) return;
    try {
      await connection?.notify(payloads);
    } catch (error) {
      log.debug({ err: error }, 'notifications were lost');
    }
  };

  const sendSoon = () => {
    if (sending || closed || outbox.isEmpty || !connection?.isListening) return;
    sending = send().finally(() => {
      sending = undefined;
      sendSoon();
    });
  };

  return {
    send: (line, { once = false } = {}) => {
      if (closed) return;
      connection ??= connect();
      outbox.put(line, once);
      sendSoon();
    },
    onLine: (listener) => listen(lineListeners, listener),
    onListening: (listener) => listen(listeningListeners, listener),
    listening: async () => {
      if (closed) return;
      connection ??= connect();
      let cancel = () => {};
      const tooLate = new Promise<void>((resolve) => {
        cancel = system.after(patienceMs, resolve);
      });
      await Promise.race([connection.settled(), tooLate]);
      cancel();
    },
    close: async () => {
      if (closed) return;
      closed = true;
      cancelTimer();
      await sendNow();
      await connection?.close();
    },
  };
}

function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** PostgreSQL takes payloads below 8,000 bytes. */
const maxPayloadBytes = 7_900;
/** Payloads that are sent by one statement: a thousand tasks that end together are told of within some milliseconds. */
const maxPayloads = 4;
/** More lines than this are not kept waiting. */
const maxLines = 10_000;

/** Lines that wait to be sent. */
function createOutbox(origin: string) {
  const urgent = new Set<string>();
  const lines: string[] = [];

  /** As many lines as fit. */
  const takePayload = (): string => {
    let bytes = Buffer.byteLength(origin);
    const tooMany = lines.findIndex((line) => {
      bytes += Buffer.byteLength(line) + 1;
      return bytes > maxPayloadBytes;
    });
    const taken = lines.splice(0, tooMany === -1 ? lines.length : Math.max(tooMany, 1));
    for (const line of taken) urgent.delete(line);
    return [origin, ...taken].join('\n');
  };

  return {
    get isEmpty() {
      return lines.length === 0;
    },
    put: (line: string, once: boolean) => {
      if (!once) {
        if (lines.length < maxLines) lines.push(line);
      } else if (!urgent.has(line)) {
        urgent.add(line);
        lines.unshift(line);
      }
    },
    /** What is sent next. */
    take: (): string[] => {
      const payloads: string[] = [];
      while (lines.length > 0 && payloads.length < maxPayloads) payloads.push(takePayload());
      return payloads;
    },
  };
}
