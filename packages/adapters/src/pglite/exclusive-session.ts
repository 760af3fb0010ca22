import { setImmediate as nextLoopTurn } from 'node:timers/promises';
import { AppliedSettings } from './applied-settings.ts';
import { CHECKPOINT_IF_DUE, CheckpointClock } from './checkpoint.ts';
import type { Engine } from './engine.ts';
import type { SessionClient } from './session-client.ts';
import { listenStatements, Subscriptions } from './subscriptions.ts';
import { type Refusal, TurnQueue } from './turn-queue.ts';
import { batchText, errorText, queryFrame, readyFrame, syncFrame, withoutCopyInput } from './wire-message.ts';
import { readReply, type WireReply } from './wire-reply.ts';

/** What bounds the use of the session. */
export interface SessionOptions {
  /** How long a batch waits for its turn, in milliseconds, before it fails with SQLSTATE 55P03. */
  readonly lockTimeoutMs: number;
  readonly log: (message: string) => void;
}

interface OpenTransaction {
  readonly client: SessionClient;
}

// Between two batches the event loop gets a turn at least this often, so that timers and sockets are served.
const LOOP_TURN_MS = 4;
// Sync first: the client may be in the middle of an exchange, where PostgreSQL would not take a query.
const ROLLBACK = Buffer.concat([syncFrame, queryFrame('rollback')]);
const ENDS_TRANSACTION_ANYWAY = /^\s*(?:rollback|abort)\b(?!.*\bto\b)/is;

/**
 * Shares the one session of PGlite between virtual clients.
 *
 * The unit of exclusion is a protocol batch. While PostgreSQL reports an open transaction (status T or E), or an
 * exchange is open (no status yet), only the client that opened it runs; the others wait in order of arrival. Nothing
 * here depends on SQL text for that.
 */
export class ExclusiveSession {
  readonly #engine: Engine;
  readonly #log: (message: string) => void;
  readonly #turns: TurnQueue;
  readonly #clients = new Set<SessionClient>();
  readonly #subscriptions = new Subscriptions<SessionClient>();
  readonly #settings = new AppliedSettings();
  readonly #checkpoints = new CheckpointClock();
  /** Clients whose transaction was rolled back over their heads: told with their next statement. */
  readonly #overdue = new WeakSet<SessionClient>();
  readonly #fatalListeners = new Set<(error: Error) => void>();
  #open: OpenTransaction | undefined;
  #limitTimer: NodeJS.Timeout | undefined;
  #pumping = false;
  #loopTurnAt = 0;
  #ending: Error | undefined;
  #broken: Error | undefined;

  constructor(engine: Engine, { lockTimeoutMs, log }: SessionOptions) {
    this.#engine = engine;
    this.#log = log;
    this.#turns = new TurnQueue(lockTimeoutMs);
  }

  /** Why the session is lost for good, `undefined` while it works. */
  get broken(): Error | undefined {
    return this.#broken;
  }

  /** Calls the listener once when PostgreSQL crashes, or now if it has. Returns a function that removes the listener. */
  onFatal(listener: (error: Error) => void): () => void {
    if (this.#broken !== undefined) listener(this.#broken);
    else this.#fatalListeners.add(listener);
    return () => void this.#fatalListeners.delete(listener);
  }

  /** Lets a client in, after its settings have been accepted; `ready` sends the greeting. */
  connect(client: SessionClient, ready: () => void): void {
    const hangUp = (refusal: Refusal) => client.hangUp({ severity: 'FATAL', ...refusal });
    const run = async () => {
      const refused = await this.#applySettings(client);
      if (refused === undefined) ready();
      else hangUp({ code: '22023', message: errorText(refused) });
    };
    this.#clients.add(client);
    this.#enqueue(client, run, hangUp);
  }

  /** Queues a batch of a client; the answer arrives at its `receive`, never before this call has returned. */
  submit(client: SessionClient, batch: Buffer): void {
    const refuse = (refusal: Refusal) => client.refuse({ severity: 'ERROR', ...refusal }, 'I');
    this.#enqueue(client, () => this.#runBatch(client, batch), refuse);
  }

  /** A client is handed back to its pool: a transaction it left open is rolled back. */
  release(client: SessionClient): void {
    this.#overdue.delete(client);
    if (this.#open?.client === client || this.#turns.has(client)) this.#enqueueRollback(client);
  }

  /** A client has gone: its waiting batches are dropped, its transaction rolled back, then `cleanUp` is run. */
  disconnect(client: SessionClient, cleanUp: Buffer | undefined): void {
    if (!this.#clients.delete(client) || this.#broken !== undefined) return;
    this.#turns.forget(client);
    const orphans = this.#subscriptions.drop(client);
    if (this.#open?.client === client) this.#enqueueRollback(client);
    if (this.#ending !== undefined) return;
    if (cleanUp !== undefined) this.#enqueueInternal(cleanUp);
    if (orphans.length > 0) this.#enqueueInternal(queryFrame(listenStatements('unlisten', orphans)));
  }

  /**
   * Runs `work` while no client has a transaction open and nobody else may run.
   * @throws Error with the SQLSTATE as `code` when the session did not become free in time or has crashed
   */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      const run = () => work().then(resolve, reject);
      const refuse = ({ code, message }: Refusal) => reject(Object.assign(new Error(message), { code }));
      this.#turns.add({ owner: {}, run, refuse });
      this.#pump();
    });
  }

  /** Lets what is queued finish, rolls back what is still open after the lock timeout, then ends every connection. */
  async end(): Promise<void> {
    this.#ending ??= Object.assign(new Error('the embedded PostgreSQL is closing'), { code: '57P01' });
    if (this.#broken !== undefined) return;
    try {
      await this.exclusively(async () => undefined);
    } catch (error) {
      this.#log(`closing with a transaction open: ${(error as Error).message}`);
    }
    for (const client of [...this.#clients]) client.destroy(this.#ending);
    await this.exclusively(async () => undefined);
  }

  #enqueue(client: SessionClient, run: () => Promise<void>, refuse: (refusal: Refusal) => void): void {
    const lost = this.#broken ?? (this.#open?.client === client ? undefined : this.#ending);
    if (lost !== undefined) {
      process.nextTick(() => client.destroy(lost));
      return;
    }
    this.#turns.add({ owner: client, run, refuse });
    this.#pump();
  }

  #enqueueRollback(client: SessionClient): void {
    const run = async () => {
      if (this.#open?.client === client) await this.#execute(client, ROLLBACK);
      this.#overdue.delete(client);
    };
    this.#turns.add({ owner: client, run });
    this.#pump();
  }

  #enqueueInternal(batch: Buffer): void {
    this.#turns.add({ owner: {}, run: async () => void (await this.#execute(undefined, batch)) });
    this.#pump();
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    // The parser of pg is not re-entrant: no answer before the caller has returned to it.
    await undefined;
    for (;;) {
      const turn = this.#turns.take(this.#open?.client);
      if (turn === undefined) break;
      await turn.run();
      const now = performance.now();
      if (this.#open === undefined && this.#checkpoints.due(now)) {
        await this.#execute(undefined, queryFrame(CHECKPOINT_IF_DUE));
      }
      if (now - this.#loopTurnAt > LOOP_TURN_MS) {
        await nextLoopTurn();
        this.#loopTurnAt = performance.now();
      }
    }
    this.#pumping = false;
  }

  async #runBatch(client: SessionClient, batch: Buffer): Promise<void> {
    if (this.#overdue.has(client)) {
      if (!ENDS_TRANSACTION_ANYWAY.test(batchText(batch) ?? '')) {
        const message = `the transaction lasted longer than ${client.transactionLimitMs} ms and was rolled back`;
        return client.refuse({ severity: 'ERROR', code: '25P04', message }, 'E');
      }
      this.#overdue.delete(client);
    }
    if (this.#open === undefined) {
      const refused = await this.#applySettings(client);
      if (refused !== undefined) return client.receive(Buffer.concat([refused, readyFrame('I')]));
    }
    const reply = await this.#execute(client, withoutCopyInput(batch));
    if (reply === undefined) return;
    if (reply.sessionTags.length > 0) await this.#noticeSessionChanges(client, reply.sessionTags, batchText(batch));
    client.receive(reply.forwarded);
  }

  /** Gives the session the settings of the client. Returns the ErrorResponse when PostgreSQL refuses them. */
  async #applySettings(client: SessionClient): Promise<Buffer | undefined> {
    const change = this.#settings.changeFor(client);
    if (change === undefined) return undefined;
    const reply = await this.#execute(undefined, queryFrame(change));
    if (reply?.error === undefined) this.#settings.applied(client);
    else this.#settings.forget();
    return reply?.error;
  }

  async #noticeSessionChanges(client: SessionClient, tags: readonly string[], sql: string | undefined): Promise<void> {
    this.#settings.notice(client, tags, sql);
    if (tags.includes('LISTEN')) this.#subscriptions.listen(client, sql);
    if (!tags.includes('UNLISTEN')) return;
    const needed = this.#subscriptions.unlisten(client, sql);
    if (needed.length > 0) await this.#execute(undefined, queryFrame(listenStatements('listen', needed)));
  }

  /** Runs a batch, notes whether it leaves a transaction open, hands out notifications; `undefined` after a crash. */
  async #execute(client: SessionClient | undefined, batch: Buffer): Promise<WireReply | undefined> {
    if (this.#broken !== undefined) return undefined;
    let answer: Buffer;
    try {
      answer = await this.#engine.execute(batch);
    } catch (error) {
      this.#break(error);
      return undefined;
    }
    const reply = readReply(answer);
    if (client !== undefined) this.#noteTransaction(client, reply.status !== 'I');
    for (const notification of reply.notifications) this.#subscriptions.deliver(notification);
    return reply;
  }

  #noteTransaction(client: SessionClient, open: boolean): void {
    if (open === (this.#open !== undefined)) return;
    clearTimeout(this.#limitTimer);
    this.#open = open ? { client } : undefined;
    const opened = this.#open;
    if (opened === undefined || !Number.isFinite(client.transactionLimitMs)) return;
    // One more turn of the loop, so that a client whose next batch is on its way is not blamed for a busy loop.
    const whenOverdue = () => setImmediate(() => this.#rollBackOverdue(opened));
    this.#limitTimer = setTimeout(whenOverdue, client.transactionLimitMs);
  }

  #rollBackOverdue(overdue: OpenTransaction): void {
    const { client } = overdue;
    if (this.#open !== overdue) return;
    const run = async () => {
      // Its last batch, queued before this turn, may have ended the transaction in time.
      if (this.#open !== overdue) return;
      await this.#execute(client, ROLLBACK);
      this.#overdue.add(client);
      this.#log(`a transaction was rolled back after ${client.transactionLimitMs} ms`);
    };
    this.#turns.add({ owner: client, run });
    this.#pump();
  }

  #break(cause: unknown): void {
    const message = 'the embedded PostgreSQL has crashed';
    this.#broken = new Error(message, { cause });
    this.#log(`${message}, and this process has to be restarted: ${String(cause)}`);
    clearTimeout(this.#limitTimer);
    for (const client of [...this.#clients]) client.destroy(this.#broken);
    this.#turns.refuseAll({ code: '57P02', message });
    for (const listener of this.#fatalListeners) listener(this.#broken);
    this.#fatalListeners.clear();
  }
}
