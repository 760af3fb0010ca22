import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import {
  BatchRejectedError,
  type BulkRequest,
  InvalidQueryError,
  InvalidRequestError,
  type Log,
  type Navette,
  type SubmitManyContext,
  type SubmitOutcome,
} from '@navette/domain';
import type { AppEnv } from '../access.ts';
import { readJson, refuseCompressed } from '../body.ts';
import { answerLines } from '../bulk/answer-lines.ts';
import { createItemTeller } from '../bulk/bulk-items.ts';
import { bulkRequestOf } from '../bulk/bulk-request.ts';
import { bulkEnvelope, bulkItemSchema, bulkQuery, bulkResultSchema, bulkSchema } from '../schemas/bulk.ts';
import { problemSchema, refusals } from '../schemas/problem.ts';
import { submissionSchema } from '../schemas/submission.ts';
import { invalidQuery, invalidRequest } from '../zod-issues.ts';

const linesType = 'application/x-ndjson';
const result = { 'application/json': { schema: bulkResultSchema } };

/** What the docs page offers to try. */
const example = {
  tasks: [
    { type: 'demo.echo', payload: { n: 1 } },
    { type: 'demo.echo', payload: { n: 2 } },
  ],
};

const route = createRoute({
  method: 'post',
  path: '/submit-tasks',
  tags: ['Tasks'],
  summary: 'Submit many tasks',
  description: [
    'JSON: up to 1,000 tasks in one body; with `atomic=true` all of them are recorded or none.',
    'NDJSON: any number of lines, each a submission, answered line by line while they are sent; read the answers while you',
    'send, or the server stops reading. What is wrong with one submission is told of it alone. In bulk, idempotency keys',
    'are fields of the submissions.',
  ].join(' '),
  request: {
    query: bulkQuery,
    body: {
      required: true,
      content: { 'application/json': { schema: bulkSchema, example }, [linesType]: { schema: submissionSchema } },
    },
  },
  responses: {
    200: {
      description: 'NDJSON: a line for each line that is not blank, in their order.',
      content: { [linesType]: { schema: bulkItemSchema } },
    },
    202: { description: 'At least one task is accepted; with `atomic=true`, all.', content: result },
    ...refusals(400, 413, 415),
    422: {
      description: 'Nothing is accepted: what became of each, or a problem with the request itself.',
      content: { ...result, 'application/problem+json': { schema: problemSchema } },
    },
  },
});

/** How the call is made. */
export interface SubmitTasksOptions {
  readonly maxBodyBytes: number;
  /** Raised when the process stops. */
  readonly stopping: AbortSignal | undefined;
  readonly log: Log;
}

/** Adds the call that submits many tasks. */
export function addSubmitTasks(
  app: OpenAPIHono<AppEnv>,
  navette: Navette,
  { maxBodyBytes, stopping, log }: SubmitTasksOptions,
): void {
  app.openAPIRegistry.registerPath(route);
  app.post(route.path, async (c) => {
    const atomic = isAtomic(c.req.query());
    if (c.req.header('idempotency-key') !== undefined) {
      const detail = 'as the header Idempotency-Key names no task of many: give each its own, as a field';
      throw new InvalidRequestError([{ pointer: '#/idempotencyKey', detail }]);
    }
    const scope = c.get('caller');
    if (isLines(c.req.header('content-type'))) {
      refuseCompressed(c.req.raw);
      if (atomic) throw new InvalidQueryError('atomic', 'needs a JSON body: lines are recorded as they come');
      const submit = (requests: readonly BulkRequest[]) => navette.submitRequests(requests, { scope });
      const answers = answerLines({ body: c.req.raw.body, submit, maxLineBytes: maxBodyBytes, stopping, log });
      return new Response(answers, { headers: { 'Content-Type': linesType } });
    }
    const envelope = bulkEnvelope.safeParse(
      await readJson(c.req.raw, maxBodyBytes, `application/json or ${linesType}`),
    );
    if (!envelope.success) throw invalidRequest(envelope.error);
    const outcomes = await submitAll(navette, envelope.data.tasks.map(bulkRequestOf), { scope, atomic });
    const accepted = outcomes.filter(({ task }) => task !== undefined).length;
    const away = outcomes.find(({ error }) => error?.code === 'store_unavailable')?.error;
    // Asked again, the others are refused again, and these may be accepted.
    if (accepted === 0 && away) throw away;
    const tell = createItemTeller(log);
    const items = outcomes.map((outcome, index) => tell(index, outcome));
    const body = JSON.stringify({ accepted, rejected: outcomes.length - accepted, items });
    return new Response(body, { status: accepted > 0 ? 202 : 422, headers: { 'Content-Type': 'application/json' } });
  });
}

/** The outcomes, also where it is all or nothing: those that would have been accepted are told why they are not. */
async function submitAll(
  navette: Navette,
  requests: readonly BulkRequest[],
  context: SubmitManyContext,
): Promise<SubmitOutcome[]> {
  try {
    return await navette.submitRequests(requests, context);
  } catch (error) {
    if (!(error instanceof BatchRejectedError)) throw error;
    const refused = new Map(error.refusals.map((refusal) => [refusal.index, refusal.error]));
    return requests.map((_request, index) => ({ error: refused.get(index) ?? error }));
  }
}

function isAtomic(query: Record<string, string>): boolean {
  const checked = bulkQuery.safeParse(query);
  if (!checked.success) throw invalidQuery(checked.error);
  return checked.data.atomic === 'true';
}

function isLines(contentType: string | undefined): boolean {
  return /^application\/x-ndjson *(?:; *charset *= *"?utf-8"? *)?$/i.test(contentType ?? '');
}
