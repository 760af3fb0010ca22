import type { NavetteClient, Problem, Submission } from '@navette/client';
import type { FileLine } from './file-lines.ts';

/** What became of one line. */
export interface LineOutcome {
  readonly line: number;
  readonly bytesRead: number;
  /** The task, or why there is none. Neither for an empty line. */
  readonly taskId?: string;
  readonly problem?: Pick<Problem, 'code' | 'detail'>;
}

/** Where an import starts, and under which keys. */
export interface ImportPlan {
  readonly run: string;
  /** Lines that have their outcome already. */
  readonly skip: number;
  readonly signal: AbortSignal;
}

/** Submits lines of NDJSON; gives what became of each, in their order. Memory stays flat. */
export async function* importLines(
  client: NavetteClient,
  lines: AsyncIterable<FileLine>,
  { run, skip, signal }: ImportPlan,
): AsyncGenerator<LineOutcome, void, undefined> {
  // What is read and has not been told yet: lines under way, and between them those that are not sent at all.
  const told: { outcome: LineOutcome; sent: boolean }[] = [];
  const submissions = async function* (): AsyncGenerator<Submission, void, undefined> {
    for await (const { text, number, bytesRead } of lines) {
      if (number <= skip) continue;
      const place = { line: number, bytesRead };
      const submission = text.trim() === '' ? undefined : parse(text);
      const outcome = submission && 'problem' in submission ? { ...place, problem: submission.problem } : place;
      const sent = submission !== undefined && 'task' in submission;
      told.push({ outcome, sent });
      if (sent) yield { idempotencyKey: `${run}-${number}`, ...submission.task };
    }
  };
  const unsent = function* () {
    while (told[0] && !told[0].sent) yield told.shift()!.outcome;
  };
  for await (const { task, problem } of client.submitStream(submissions(), { signal })) {
    yield* unsent();
    const { outcome } = told.shift()!;
    yield task ? { ...outcome, taskId: task.id } : { ...outcome, problem };
  }
  yield* unsent();
}

function parse(text: string): { task: Submission } | { problem: Pick<Problem, 'code' | 'detail'> } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { task: value as Submission };
    return { problem: { code: 'invalid_request', detail: 'is not a JSON object' } };
  } catch (error) {
    return { problem: { code: 'invalid_json', detail: `is not JSON: ${(error as Error).message}` } };
  }
}
