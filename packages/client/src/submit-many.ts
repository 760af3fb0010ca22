import { type BulkBatch, sendBatch } from './bulk-batch.ts';
import { type Caller, type CallOptions, jsonBody } from './caller.ts';
import type { BulkItem, BulkResult, SentSubmission, Submission } from './contract.ts';
import { createDeadline } from './deadline.ts';
import { createIdempotencyKey } from './idempotency-key.ts';

/** How much goes in one request, lines and characters. */
const batchLines = 1_000;
const batchCharacters = 1_000_000;
/** How many requests are under way: while the server stores one, the next one is sent. */
const batchesUnderWay = 2;

/** How many submissions are sent. */
export interface SubmitManyOptions extends CallOptions {
  /** All or nothing; at most 1,000. */
  readonly atomic?: boolean;
}

/** Makes the calls that submit many tasks. */
export function createSubmitMany(caller: Caller) {
  async function* submitStream(
    submissions: Iterable<Submission> | AsyncIterable<Submission>,
    { signal }: CallOptions = {},
  ): AsyncGenerator<BulkItem, void, undefined> {
    const deadline = createDeadline(signal);
    const underWay: Promise<BulkItem[]>[] = [];
    try {
      for await (const batch of batchesOf(submissions)) {
        const sending = sendBatch(caller, batch, deadline.signal);
        // Its failure is met where its turn comes.
        sending.catch(() => {});
        underWay.push(sending);
        if (underWay.length >= batchesUnderWay) yield* await underWay.shift()!;
      }
      while (underWay.length > 0) yield* await underWay.shift()!;
    } finally {
      // Where the consumer has had enough, too.
      deadline.end();
    }
  }

  const submitAtomically = (submissions: readonly Submission[], options: CallOptions): Promise<BulkResult> => {
    const run = createIdempotencyKey();
    const body = jsonBody({ tasks: submissions.map((submission, index) => withKey(submission, run, index)) });
    return caller.call(options, async (init) => {
      const answer = await caller.api.POST('/submit-tasks', {
        params: { query: { atomic: 'true' } },
        ...body,
        ...init,
      });
      // Where nothing was accepted, the refusal tells what of each one.
      const refused = answer.error as BulkResult | undefined;
      if (refused?.items) return { data: refused, response: new Response() };
      return { ...answer, data: answer.data as BulkResult };
    });
  };

  return {
    /** Submits many tasks; tells of each one whether it was accepted. Each carries an idempotency key, as with `submit`. */
    submitMany: async (
      submissions: readonly Submission[],
      { atomic = false, ...options }: SubmitManyOptions = {},
    ): Promise<BulkResult> => {
      if (atomic) return submitAtomically(submissions, options);
      const items: BulkItem[] = [];
      for await (const item of submitStream(submissions, options)) items.push(item);
      const accepted = items.filter(({ task }) => task !== undefined).length;
      return { accepted, rejected: items.length - accepted, items };
    },
    /**
     * Submits tasks without end, in flat memory: in batches, the next one read when an earlier one is answered. Gives
     * what became of each one, in their order.
     */
    submitStream,
  };
}

async function* batchesOf(
  submissions: Iterable<Submission> | AsyncIterable<Submission>,
): AsyncGenerator<BulkBatch, void, undefined> {
  const run = createIdempotencyKey();
  let start = 0;
  let lines: string[] = [];
  let characters = 0;
  for await (const submission of submissions) {
    const line = JSON.stringify(withKey(submission, run, start + lines.length));
    lines.push(line);
    characters += line.length;
    if (lines.length < batchLines && characters < batchCharacters) continue;
    yield { start, lines };
    start += lines.length;
    lines = [];
    characters = 0;
  }
  if (lines.length > 0) yield { start, lines };
}

function withKey(submission: Submission, run: string, index: number): SentSubmission {
  const { idempotencyKey = `${run}-${index}` } = submission;
  return { ...(submission as SentSubmission), idempotencyKey };
}
