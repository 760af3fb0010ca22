import { z } from '@hono/zod-openapi';
import type { Json } from '@navette/domain';

/** Any JSON value that must be there. It is not looked into: what is parsed JSON already needs no check. */
export const jsonValue = z.unknown().refine((value) => value !== undefined, 'is required') as z.ZodType<Json, Json>;

/** A named schema or null: the OpenAPI generator drops what `nullable()` adds to a reference. */
export function orNull<Schema extends z.ZodType>(schema: Schema) {
  return z.union([schema, z.null()]);
}

/** The moments that PostgreSQL, JSON and people all write the same way. */
const earliestMs = Date.UTC(1970, 0, 1);
const latestMs = Date.UTC(9999, 11, 31);

/** A moment as clients send it: ISO 8601 with `Z` or an offset. Gives a `Date`. */
export const moment = z.iso
  .datetime({ offset: true, abort: true, error: 'must be ISO 8601 with a time zone, for example 2026-01-31T12:00:00Z' })
  .refine((text) => Date.parse(text) >= earliestMs && Date.parse(text) <= latestMs, 'must lie between 1970 and 9999')
  .transform((text) => new Date(text));

/** A moment as answers tell it. */
export const answeredMoment = z.iso.datetime().openapi({ example: '2026-01-31T12:00:00.000Z' });

/** A whole number in a query. */
export function wholeNumber(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= least && value <= most, message)
    .openapi({ type: 'integer', minimum: least, maximum: most });
}

/** A text to look for in a query. */
export function searchText(most: number) {
  const message = `must be a text of 1 to ${most} characters`;
  return z.string(message).regex(new RegExp(`^[^\\u0000]{1,${most}}$`), message);
}

/** The query of a call that takes none. */
export const noQuery = z.strictObject({});

/** The path parameter of one task. What is not a UUID is no task's id. */
export const taskPath = z.object({
  id: z
    .uuid()
    .toLowerCase()
    .openapi({ param: { name: 'id', in: 'path' } }),
});
