import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { isTerminal, type Json, type Navette, type SubmitRequest, type TaskWithAttempts } from '@navette/domain';
import type { AppEnv } from '../access.ts';
import { readJson } from '../body.ts';
import { chooseIdempotencyKey } from '../idempotency-key.ts';
import { preferredWait } from '../prefer-wait.ts';
import { refusals } from '../schemas/problem.ts';
import { idempotencyKey, submissionSchema } from '../schemas/submission.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';
import { invalidRequest, refuseQuery } from '../zod-issues.ts';

const task = { 'application/json': { schema: taskSchema } };

/** What the docs page offers to try. */
const example = { type: 'demo.echo', payload: { hello: 'world' } };

const route = createRoute({
  method: 'post',
  path: '/submit-task',
  tags: ['Tasks'],
  summary: 'Submit a task',
  request: {
    headers: z.object({
      Prefer: z.string().optional().openapi({ description: 'Seconds to wait for its end, up to 60: `wait=10`.' }),
      'Idempotency-Key': idempotencyKey.optional().openapi({ description: 'Bare or quoted.' }),
    }),
    body: { required: true, content: { 'application/json': { schema: submissionSchema, example } } },
  },
  responses: {
    200: { description: 'It is over already, or was submitted before with the same idempotency key.', content: task },
    202: { description: 'Accepted: kept, whatever happens.', content: task },
    ...refusals(400, 413, 415, 422),
  },
});

/**
 * Adds the call that submits a task. It reads and checks the body by itself, not through the library's validators: only
 * so is the JSON measured before it is parsed, and the speed of this call is what counts most.
 */
export function addSubmitTask(app: OpenAPIHono<AppEnv>, navette: Navette, maxBodyBytes: number): void {
  const look = (taskId: string, waitSeconds: number | undefined, signal: AbortSignal) =>
    waitSeconds ? navette.wait(taskId, { timeoutMs: waitSeconds * 1000, signal }) : navette.get(taskId);

  app.openAPIRegistry.registerPath(route);
  app.post(route.path, async (c) => {
    refuseQuery(c.req.url);
    const sent = await readJson(c.req.raw, maxBodyBytes);
    const request = submissionOf(sent, c.req.header('idempotency-key'));
    const { task, replayed } = await navette.submitRequest(request, { scope: c.get('caller'), sent: sent as Json });
    const waitSeconds = preferredWait(c.req.header('prefer'));
    let later: TaskWithAttempts | undefined;
    if (replayed) later = await look(task.id, waitSeconds, c.req.raw.signal);
    // The task is kept: that it cannot be read again just now must not look like a refusal.
    else if (waitSeconds) later = await look(task.id, waitSeconds, c.req.raw.signal).catch(() => undefined);
    const now = later ?? task;
    const headers: Record<string, string> = { 'Content-Type': 'application/json', Location: `/tasks/${task.id}` };
    if (waitSeconds !== undefined) headers['Preference-Applied'] = `wait=${waitSeconds}`;
    if (replayed) headers['Idempotent-Replayed'] = 'true';
    const status = replayed || isTerminal(now.state) ? 200 : 202;
    // Plain headers, and not `c.json`: the server writes these as they are.
    return new Response(JSON.stringify(taskJson(now, later?.attempts ?? [])), { status, headers });
  });
}

function submissionOf(sent: unknown, keyHeader: string | undefined): SubmitRequest {
  const checked = submissionSchema.safeParse(sent);
  if (!checked.success) throw invalidRequest(checked.error);
  const { data } = checked;
  data.idempotencyKey = chooseIdempotencyKey(data.idempotencyKey, keyHeader);
  return data;
}
