import { textLines, textPieces } from './body-stream.ts';
import { type Caller, dataOf } from './caller.ts';
import type { BulkItem } from './contract.ts';
import type { Deadline } from './deadline.ts';
import { NavetteApiError, NavetteConnectionError } from './errors.ts';
import { mayPass, retrying } from './retrying.ts';

/** Some submissions on their way, as lines of NDJSON. Every one carries its idempotency key. */
export interface BulkBatch {
  /** Where the first one stands among all. */
  readonly start: number;
  readonly lines: readonly string[];
}

/**
 * Sends a batch, and what of it was not answered or may be accepted later again, until every line has its outcome.
 * @throws NavetteApiError, NavetteConnectionError, or the reason of the signal
 */
export async function sendBatch(
  { api, policy, timeoutMs }: Caller,
  { start, lines }: BulkBatch,
  signal: AbortSignal | undefined,
): Promise<BulkItem[]> {
  const outcomes: BulkItem[] = [];
  let open = lines.map((_line, place) => place);
  const attempt = async (deadline: Deadline) => {
    let failure: NavetteApiError | undefined;
    const sent = open;
    const body = sent.map((place) => `${lines[place]}\n`).join('');
    const answer = await api.POST('/submit-tasks', {
      body: { tasks: [] },
      bodySerializer: () => body,
      headers: { 'Content-Type': 'application/x-ndjson' },
      parseAs: 'stream',
      signal: deadline.signal,
    });
    for await (const line of textLines(textPieces(dataOf(answer) as unknown as ReadableStream<Uint8Array>, deadline))) {
      const item = JSON.parse(line) as BulkItem;
      const place = sent[item.index];
      if (place === undefined) continue;
      const refusal = item.problem && new NavetteApiError(item.problem.status, item.problem);
      if (refusal && mayPass(refusal, 'always')) failure = refusal;
      else outcomes[place] = { ...item, index: start + place };
    }
    open = sent.filter((place) => outcomes[place] === undefined);
    if (failure) throw failure;
    if (open.length > 0) throw new NavetteConnectionError('the answer of the server ended early');
  };
  await retrying(attempt, { policy, repeatable: 'always', timeoutMs, signal });
  return outcomes;
}
