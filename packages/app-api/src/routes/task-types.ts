import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AnyTaskType, backoffKinds, type Navette, priorities } from '@navette/domain';
import type { AppEnv } from '../access.ts';
import { problemResponses } from '../schemas/problem.ts';
import { noQuery } from '../schemas/values.ts';

const taskType = z
  .object({
    type: z.string().openapi({ example: 'demo.echo' }),
    queue: z.string(),
    description: z.string(),
    priority: z.enum(priorities),
    timeoutMs: z.int().min(1),
    retry: z.object({
      maxAttempts: z.int(),
      backoff: z.object({
        kind: z.enum(backoffKinds),
        delayMs: z.int(),
        maxDelayMs: z.int(),
        jitter: z.number(),
      }),
    }),
    payloadSchema: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: 'JSON Schema of the payload; null where the schema library cannot tell it.' }),
  })
  .openapi('TaskType');

const listTaskTypes = createRoute({
  method: 'get',
  path: '/task-types',
  tags: ['Task types and queues'],
  summary: 'The known task types, with their defaults',
  request: { query: noQuery },
  responses: {
    200: {
      description: 'All of them.',
      content: { 'application/json': { schema: z.object({ items: z.array(taskType) }).openapi('TaskTypes') } },
    },
    ...problemResponses(400, 401, 403),
  },
});

/** Adds the call that lists the catalogue. */
export function addTaskTypes(app: OpenAPIHono<AppEnv>, navette: Navette): void {
  let items: ReturnType<typeof taskTypeJson>[] | undefined;
  app.openapi(listTaskTypes, (c) => {
    items ??= navette.catalogue.types.map(taskTypeJson);
    return c.json({ items }, 200);
  });
}

function taskTypeJson({ type, queue, description, priority, timeoutMs, retry, payload }: AnyTaskType) {
  return { type, queue, description, priority, timeoutMs, retry, payloadSchema: jsonSchemaOf(payload) };
}

function jsonSchemaOf(schema: AnyTaskType['payload']): Record<string, unknown> | null {
  try {
    return schema['~standard'].jsonSchema?.input({ target: 'draft-2020-12' }) ?? null;
  } catch {
    // The standard has it throw for what JSON Schema cannot say.
    return null;
  }
}
