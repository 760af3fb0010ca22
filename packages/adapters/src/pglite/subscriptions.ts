/** A client that can be handed backend messages. */
export interface Subscriber {
  /** Hands over complete backend messages. */
  receive(messages: Buffer): void;
}

const CHANNEL = String.raw`\s+(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*))`;
const LISTEN = new RegExp(String.raw`\blisten${CHANNEL}`, 'giu');
const UNLISTEN = new RegExp(String.raw`\bunlisten${CHANNEL}`, 'giu');

/**
 * Who listens to which channel. PostgreSQL sees one session, so a notification is handed out here. Channels are read
 * from the text of a statement whose command tag said LISTEN: a wrong reading can only deliver too much, never too little.
 */
export class Subscriptions<Client extends Subscriber> {
  readonly #channels = new Map<Client, Set<string>>();
  readonly #everything = new Set<Client>();

  /** Records the LISTENs of a statement; one whose text is not known listens to everything. */
  listen(client: Client, sql: string | undefined): void {
    const channels = channelsIn(sql, LISTEN);
    if (channels.length === 0) this.#everything.add(client);
    const own = this.#channels.get(client) ?? new Set();
    for (const channel of channels) own.add(channel);
    this.#channels.set(client, own);
  }

  /**
   * Records an UNLISTEN, which ended the subscription of the whole session.
   * @returns the channels that other clients still need, to be listened to again
   */
  unlisten(client: Client, sql: string | undefined): readonly string[] {
    const channels = channelsIn(sql, UNLISTEN);
    if (channels.length === 0) this.#forget(client);
    else for (const channel of channels) this.#channels.get(client)?.delete(channel);
    return [...new Set([...this.#channels.values()].flatMap((own) => [...own]))];
  }

  /**
   * Removes a client that has gone.
   * @returns the channels that nobody listens to any more
   */
  drop(client: Client): readonly string[] {
    const own = [...(this.#channels.get(client) ?? [])];
    this.#forget(client);
    return own.filter((channel) => ![...this.#channels.values()].some((others) => others.has(channel)));
  }

  /** Hands a NotificationResponse to every client that listens to its channel. */
  deliver(notification: Buffer): void {
    const channel = notification.toString('utf8', 9, notification.indexOf(0, 9));
    for (const [client, own] of this.#channels) {
      if (own.has(channel) || this.#everything.has(client)) client.receive(notification);
    }
  }

  #forget(client: Client): void {
    this.#channels.delete(client);
    this.#everything.delete(client);
  }
}

/** `LISTEN` statements for the channels, or `UNLISTEN` ones. */
export function listenStatements(verb: 'listen' | 'unlisten', channels: readonly string[]): string {
  return channels.map((channel) => `${verb} "${channel.replaceAll('"', '""')}"`).join('; ');
}

function channelsIn(sql: string | undefined, statement: RegExp): readonly string[] {
  return [...(sql ?? '').matchAll(statement)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '').toLowerCase() : quoted.replaceAll('""', '"'),
  );
}
