import { z } from '@hono/zod-openapi';
import {
  type Operation,
  operationActions,
  operationPace,
  operationStates,
  submissionLimits,
  type TaskFilter,
  taskStates,
} from '@navette/domain';
import { searchQuery } from './queries.ts';
import { taskItemSchema } from './task.ts';
import { answeredMoment } from './values.ts';

const { least, most, default: pace } = operationPace;

/** The body that asks for a mass action. */
export const operationRequestSchema = z
  .strictObject({
    action: z.enum(operationActions),
    filter: searchQuery
      .omit({ limit: true, cursor: true, include: true })
      .openapi({ description: 'As in a search. Of what it finds, only what the action can be done to is meant.' }),
    all: z.boolean().optional().openapi({ description: 'With an empty filter: every task is meant.' }),
    dryRun: z
      .boolean()
      .optional()
      .openapi({ description: 'Tell how many tasks are meant and some of them; do nothing.' }),
    perSecond: z
      .int()
      .min(least)
      .max(most)
      .optional()
      // Not as `default`: of what has one, the types of clients say that it is always there.
      .openapi({ description: `The pace, tasks per second; ${pace} unless it is given.` }),
  })
  .openapi('OperationRequest');

/** What a mass action would do. */
export const operationPreviewSchema = z
  .object({
    count: z.int(),
    sample: z.array(taskItemSchema).openapi({ description: 'The newest of them, up to 10.' }),
  })
  .openapi('OperationPreview');

const filter = z
  .object({
    state: z.array(z.enum(taskStates)),
    type: z.string(),
    queue: z.string(),
    tag: z.string().max(submissionLimits.maxTagLength),
    errorCode: z.string(),
    submittedAfter: answeredMoment,
    submittedBefore: answeredMoment,
    finishedAfter: answeredMoment,
    finishedBefore: answeredMoment,
  })
  .partial()
  .openapi('OperationFilter');

/** A mass action. */
export const operationSchema = z
  .object({
    id: z.uuid(),
    action: z.enum(operationActions),
    filter,
    state: z.enum(operationStates),
    total: z.int().openapi({ description: 'How many tasks there were to do when it began.' }),
    done: z.int().openapi({ description: 'How many were cancelled, asked to stop, or queued again.' }),
    failed: z.int().openapi({ description: 'How many it found but could not do.' }),
    failures: z.record(z.string(), z.int()).openapi({
      description: 'Why not, by the code that the same call for one task would give.',
      example: { invalid_transition: 2 },
    }),
    perSecond: z.int(),
    createdAt: answeredMoment,
    finishedAt: answeredMoment.nullable(),
  })
  .openapi('Operation');

/** A mass action, as the API tells it. */
export function operationJson({ filter: { states, ...others }, failures, ...operation }: Operation) {
  return { ...operation, filter: { state: states, ...others } as FilterJson, failures: { ...failures } };
}

/** Dates become text, and what is undefined is left out, when this is written as JSON. */
type FilterJson = Omit<TaskFilter, 'states'> & { state: z.input<typeof filter>['state'] };
