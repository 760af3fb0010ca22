import { z } from '@hono/zod-openapi';
import { submissionLimits, taskStates } from '@navette/domain';
import { maxWaitSeconds } from '../prefer-wait.ts';
import { type Includable, includable } from './task.ts';
import { moment, searchText, wholeNumber } from './values.ts';

const cursor = searchText(1024).optional().openapi({ description: '`nextCursor` of the page before.' });

/** The query of one task. */
export const taskQuery = z.strictObject({
  wait: wholeNumber(0, maxWaitSeconds).optional().openapi({ description: 'Seconds to wait for its end.' }),
});

/** The query of a task's log. */
export const logQuery = z.strictObject({ limit: wholeNumber(1, 100).optional().openapi({ default: 100 }), cursor });

/** The query of a plain list. */
export const listQuery = z.strictObject({ limit: wholeNumber(1, 100).optional().openapi({ default: 50 }), cursor });

const states = z
  .preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(z.enum(taskStates)))
  .openapi({ type: 'array', items: { type: 'string', enum: [...taskStates] } });

const include = z
  .string()
  .transform((text) => text.split(',') as Includable[])
  .refine((fields) => fields.every((field) => includable.includes(field)), `must list some of ${includable.join(', ')}`)
  .openapi({ description: `Some of ${includable.join(', ')}, with commas between.`, example: 'payload,result' });

/** The filters of a list; several narrow, several states widen. */
export const searchQuery = z.strictObject({
  state: states.optional().openapi({ description: 'May be repeated.' }),
  type: searchText(128).optional(),
  queue: searchText(128).optional(),
  tag: searchText(submissionLimits.maxTagLength).optional(),
  errorCode: searchText(255).optional(),
  submittedAfter: moment.optional().openapi({ description: 'Inclusive.' }),
  submittedBefore: moment.optional().openapi({ description: 'Exclusive.' }),
  finishedAfter: moment.optional().openapi({ description: 'Inclusive.' }),
  finishedBefore: moment.optional().openapi({ description: 'Exclusive.' }),
  limit: wholeNumber(1, 100).optional().openapi({ default: 50 }),
  cursor,
  include: include.optional(),
});

/** The query of the events of all tasks: the filters of a list. */
export const eventsQuery = searchQuery.omit({ limit: true, cursor: true });

/** The query of a task's events. */
export const taskEventsQuery = eventsQuery.pick({ include: true });
