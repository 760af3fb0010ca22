import type { Json, TaskFilter } from '@navette/domain';

const moments = ['submittedAfter', 'submittedBefore', 'finishedAfter', 'finishedBefore'] as const;

/** A filter as JSON keeps it: its moments are texts. */
export type FilterJson = { readonly [field: string]: Json };

/** The filter that was written as JSON. */
export function filterOfJson(json: FilterJson): TaskFilter {
  const given = moments.filter((field) => typeof json[field] === 'string');
  return { ...json, ...Object.fromEntries(given.map((field) => [field, new Date(json[field] as string)])) };
}
