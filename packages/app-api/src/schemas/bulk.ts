import { z } from '@hono/zod-openapi';
import { problemSchema } from './problem.ts';
import { submissionSchema } from './submission.ts';
import { taskItemSchema } from './task.ts';

/** The most tasks of one JSON body. */
export const maxTasks = 1_000;

/** A body with many submissions, as the document tells it. */
export const bulkSchema = z
  .strictObject({ tasks: z.array(submissionSchema).min(1).max(maxTasks) })
  .openapi('BulkSubmission');

/** The same, its submissions not looked into: what is wrong with one is that one's own affair. */
export const bulkEnvelope = z.strictObject({ tasks: z.array(z.unknown()).min(1).max(maxTasks) });

/** What became of one of many. */
export const bulkItemSchema = z
  .union([
    z.object({ index: z.int().min(0), task: taskItemSchema }),
    z.object({ index: z.int().min(0), problem: problemSchema }),
  ])
  .openapi('BulkItem', {
    description: 'What became of one submission: its task, or why there is none. `index`: its place, from 0.',
  });

/** What became of many. */
export const bulkResultSchema = z
  .object({ accepted: z.int().min(0), rejected: z.int().min(0), items: z.array(bulkItemSchema) })
  .openapi('BulkResult');

/** The query of many submissions. */
export const bulkQuery = z.strictObject({
  atomic: z.enum(['true', 'false']).optional().openapi({ description: 'All or nothing; with a JSON body only.' }),
});
