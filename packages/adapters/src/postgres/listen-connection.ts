import type { Log, System } from '@navette/domain';
import type pg from 'pg';
import { withDeadline } from './bounded-pool.ts';

/** A connection that listens on one channel, and is made again whenever it breaks. */
export interface ListenConnection {
  /** Sends notifications, in their order. @throws Error if the connection is away or breaks; it is lost then. */
  notify(payloads: readonly string[]): Promise<void>;
  readonly isListening: boolean;
  /** Resolves when it listens, or when the first try to connect has failed. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** How the connection is kept. */
export interface ListenConnectionOptions {
  /** Makes a client, not connected yet; called again after each loss of the connection. */
  readonly createClient: () => pg.Client;
  readonly channel: string;
  readonly onNotification: (payload: string) => void;
  /** Called each time listening begins: notifications may have been lost before. */
  readonly onListening: () => void;
  readonly log: Log;
  readonly system: Pick<System, 'after'>;
}

/** How long LISTEN, NOTIFY or closing may take before the connection is given up, ms. */
const deadlineMs = 2_000;
const backoffMs = { least: 50, most: 1_000 };

/** Makes one; it connects at once. */
export function createListenConnection(options: ListenConnectionOptions): ListenConnection {
  const { createClient, channel, onNotification, onListening, log, system } = options;
  let client: pg.Client | undefined;
  let failures = 0;
  let closed = false;

  const connect = async () => {
    const candidate = createClient();
    let broken = false;
    const giveUp = (error?: unknown) => {
      if (broken) return;
      broken = true;
      if (client === candidate) client = undefined;
      candidate.end().catch(() => {});
      if (!closed) connectLater(error);
    };
    candidate.on('error', giveUp);
    candidate.on('end', () => giveUp());
    candidate.on('notification', ({ payload = '' }) => onNotification(payload));
    try {
      await candidate.connect();
      await answered(candidate.query(`listen "${channel}"`));
    } catch (error) {
      giveUp(error);
    }
    if (closed) giveUp();
    if (!broken) begin(candidate);
  };

  const begin = (candidate: pg.Client) => {
    client = candidate;
    failures = 0;
    onListening();
  };

  const connectLater = (error: unknown) => {
    log.debug({ err: error, failures }, 'not connected for notifications, trying again');
    const delayMs = Math.min(backoffMs.least * 2 ** failures++, backoffMs.most);
    system.after(delayMs, () => {
      if (!closed) void connect();
    });
  };

  const connecting = connect();
  return {
    notify: async (payloads) => {
      const to = client;
      if (!to) throw new Error('not connected for notifications');
      const text = 'select pg_notify($1, payload) from unnest($2::text[]) payload';
      try {
        await answered(to.query({ name: 'navette.notify', text, values: [channel, payloads] }));
      } catch (error) {
        to.emit('error', error);
        throw error;
      }
    },
    get isListening() {
      return client !== undefined;
    },
    settled: () => connecting,
    close: async () => {
      closed = true;
      const last = client;
      if (last) await withDeadline(last.end(), deadlineMs, () => {}).catch(() => {});
    },
  };
}

function answered<T>(query: Promise<T>): Promise<T> {
  return withDeadline(query, deadlineMs, () => void query.catch(() => {}));
}
