import type { ListOptions, TaskFilter } from './contract.ts';

/** A filter as the query of a URL. */
export function searchQuery({ include, ...query }: TaskFilter & ListOptions) {
  return { ...filterJson(query), ...(include && { include: include.join(',') }) };
}

/** A filter with its moments as text. @throws RangeError for a date that is none: it must not widen what is found */
export function filterJson<Filter extends TaskFilter>(filter: Filter) {
  const { submittedAfter, submittedBefore, finishedAfter, finishedBefore, ...others } = filter;
  return {
    ...others,
    submittedAfter: momentText(submittedAfter),
    submittedBefore: momentText(submittedBefore),
    finishedAfter: momentText(finishedAfter),
    finishedBefore: momentText(finishedBefore),
  };
}

function momentText(moment: string | Date | undefined): string | undefined {
  return moment instanceof Date ? moment.toISOString() : moment;
}
