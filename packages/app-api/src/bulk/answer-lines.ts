import { type BulkRequest, InvalidRequestError, type Log, type SubmitMany } from '@navette/domain';
import { parseJson } from '../body.ts';
import { HttpError } from '../problems.ts';
import { type BulkOutcome, createItemTeller } from './bulk-items.ts';
import { bulkRequestOf } from './bulk-request.ts';
import { createLineSource } from './line-source.ts';
import type { Line } from './line-splitter.ts';

/** Lines to submit. */
export interface LinesToAnswer {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly submit: (requests: readonly BulkRequest[]) => ReturnType<SubmitMany>;
  /** A longer line is refused, bytes. */
  readonly maxLineBytes: number;
  /** Raised when the process stops: no further line is taken then, and the answer ends. */
  readonly stopping: AbortSignal | undefined;
  readonly log: Log;
}

/**
 * Submits lines of NDJSON and answers each with a line. Whatever is wrong with one, or keeps it from being recorded, is
 * its own answer. Lines are read no faster than they are recorded, and recorded no faster than the answers are read.
 */
export function answerLines({ body, submit, maxLineBytes, stopping, log }: LinesToAnswer): ReadableStream<Uint8Array> {
  const source = createLineSource(body, maxLineBytes);
  const end = () => {
    stopping?.removeEventListener('abort', source.stop);
    source.stop();
  };
  stopping?.addEventListener('abort', source.stop);
  if (stopping?.aborted) source.stop();

  const outcomesOf = async (lines: readonly Line[]): Promise<BulkOutcome[]> => {
    const requests = lines.map((line) => requestOf(line, maxLineBytes));
    const good = requests.filter((request): request is BulkRequest => !(request instanceof HttpError));
    let outcomes: BulkOutcome[];
    try {
      outcomes = await submit(good);
    } catch (error) {
      outcomes = good.map(() => ({ error: error as Error }));
    }
    let next = 0;
    return requests.map((request) =>
      request instanceof HttpError ? { error: request } : (outcomes[next++] as BulkOutcome),
    );
  };

  return new ReadableStream({
    pull: async (controller) => {
      const lines = await source.next();
      if (lines) controller.enqueue(Buffer.from(await answersOf(lines)));
      else {
        end();
        controller.close();
      }
    },
    cancel: end,
  });

  async function answersOf(lines: readonly Line[]): Promise<string> {
    const tell = createItemTeller(log);
    const outcomes = await outcomesOf(lines);
    return lines.map(({ index }, i) => `${JSON.stringify(tell(index, outcomes[i] as BulkOutcome))}\n`).join('');
  }
}

function requestOf({ bytes }: Line, maxLineBytes: number): BulkRequest | HttpError {
  if (!bytes) return new HttpError('payload_too_large', `the line is longer than ${maxLineBytes} bytes`);
  try {
    return bulkRequestOf(parseJson(bytes, 'line'));
  } catch (error) {
    if (error instanceof HttpError) return error;
    if (error instanceof InvalidRequestError) return { error };
    throw error;
  }
}
