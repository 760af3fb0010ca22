import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { DeadlineError, verdictOf } from './sql-errors.ts';
import type { Statement } from './statement.ts';

/** Runs one statement. */
export type RunStatement = <Row>(statement: Statement, values: readonly unknown[]) => Promise<Row[]>;

/**
 * A pool that never waits longer than its deadline for a connection or an answer. A connection that did not answer in
 * time is destroyed: nobody knows what it still does.
 */
export interface BoundedPool extends PostgresPool {
  /** Runs one statement, prepared once per connection. */
  readonly run: RunStatement;
  /** The same for a statement that may be run twice: a connection that breaks under it is replaced, once. */
  readonly runTwice: RunStatement;
  /** Runs statements in one transaction: committed when the body resolves, rolled back when it rejects. */
  transact<T>(body: (run: RunStatement) => Promise<T>): Promise<T>;
}

/**
 * Makes one over a pool, which others may use as well.
 *
 * @param deadlineMs for the connection and the answer together
 * @param signal ends the time of everything at once
 */
export function createBoundedPool(pool: pg.Pool, deadlineMs: number, signal?: AbortSignal): BoundedPool {
  const connect = async (): Promise<BoundedClient> => {
    const startedAt = performance.now();
    const connecting = pool.connect();
    const giveBack = () => void connecting.then((late) => late.release()).catch(ignore);
    const client = await withDeadline(connecting, deadlineMs, giveBack, signal);
    return new BoundedClient(client, deadlineMs, deadlineMs - (performance.now() - startedAt), signal);
  };
  const run = async <Row>({ name, text }: Statement, values: readonly unknown[]): Promise<Row[]> => {
    const client = await connect();
    try {
      const { rows } = await client.ask({ name, text, values: values as unknown[] });
      return rows as Row[];
    } finally {
      client.release();
    }
  };
  return {
    run,
    runTwice: async <Row>(statement: Statement, values: readonly unknown[]) => {
      try {
        return await run<Row>(statement, values);
      } catch (error) {
        if (verdictOf(error) !== 'lost') throw error;
        return run<Row>(statement, values);
      }
    },
    transact: async (body) => {
      const client = await connect();
      const ask: RunStatement = async <Row>({ name, text }: Statement, values: readonly unknown[]) =>
        (await client.ask({ name, text, values: values as unknown[] })).rows as Row[];
      try {
        await client.ask({ text: 'begin' });
        const answer = await body(ask);
        await client.ask({ text: 'commit' });
        return answer;
      } catch (error) {
        // A connection that is lost or does not answer is destroyed, and its transaction with it.
        if (!client.failed) await client.ask({ text: 'rollback' }).catch(ignore);
        throw error;
      } finally {
        client.release();
      }
    },
    connect,
    // Whoever made the pool ends it.
    end: async () => {},
  };
}

/** One borrowed connection. */
class BoundedClient implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  readonly #deadlineMs: number;
  readonly #signal: AbortSignal | undefined;
  #leftMs: number;
  #failed = false;

  constructor(client: pg.PoolClient, deadlineMs: number, leftMs: number, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#deadlineMs = deadlineMs;
    this.#signal = signal;
    this.#leftMs = leftMs;
    // An error nobody listens to would end the process; the statement under way is told of it as well.
    client.on('error', ignore);
  }

  /** Whether it is of no use any more. */
  get failed(): boolean {
    return this.#failed;
  }

  async ask(config: pg.QueryConfig): Promise<pg.QueryResult> {
    const leftMs = this.#leftMs;
    // The wait for the connection counts against its first statement.
    this.#leftMs = this.#deadlineMs;
    const answer = this.#client.query(config);
    try {
      return await withDeadline(answer, Math.max(leftMs, 1), () => void answer.catch(ignore), this.#signal);
    } catch (error) {
      // A session that was ended says so before its connection closes.
      if (error instanceof DeadlineError || verdictOf(error) === 'lost') this.#failed = true;
      throw error;
    }
  }

  // Kysely's type has an overload for cursors, which are not used.
  query: PostgresPoolClient['query'] = ((text: string, values: readonly unknown[]) =>
    this.ask({ text, values: values as unknown[] })) as unknown as PostgresPoolClient['query'];

  release(): void {
    this.#client.removeListener('error', ignore);
    this.#client.release(this.#failed);
  }
}

function ignore(): void {}

/**
 * Rejects with {@link DeadlineError} when the time is up, or the signal is raised; what was waited for goes on,
 * `onTimeUp` sees to it.
 */
export async function withDeadline<T>(
  work: Promise<T>,
  deadlineMs: number,
  onTimeUp: () => void,
  signal?: AbortSignal,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let giveUp = () => {};
  const timeUp = new Promise<never>((_resolve, reject) => {
    giveUp = () => {
      onTimeUp();
      reject(new DeadlineError(Math.round(deadlineMs)));
    };
    timer = setTimeout(giveUp, deadlineMs);
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted) giveUp();
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
