import { escapePointer, InvalidQueryError, InvalidRequestError, type Problem } from '@navette/domain';
import type { z } from 'zod';
import { noQuery } from './schemas/values.ts';

type Issue = z.core.$ZodIssue;

/** The domain's error for a body that does not fit its schema: one problem per field, unknown fields one by one. */
export function invalidRequest(error: z.ZodError): InvalidRequestError {
  return new InvalidRequestError(error.issues.flatMap(problemsOf));
}

function problemsOf(issue: Issue): Problem[] {
  const pointer = ['#', ...issue.path.map((key) => escapePointer(String(key)))].join('/');
  if (issue.code !== 'unrecognized_keys') return [{ pointer, detail: issue.message }];
  return issue.keys.map((key) => ({ pointer: `${pointer}/${escapePointer(key)}`, detail: 'is not a known field' }));
}

/** The domain's error for a query that does not fit its schema; names the first bad parameter. */
export function invalidQuery(error: z.ZodError): InvalidQueryError {
  const issue = error.issues[0] as Issue;
  if (issue.code === 'unrecognized_keys') {
    return new InvalidQueryError(issue.keys[0] as string, 'is not a known parameter here');
  }
  return new InvalidQueryError(String(issue.path[0]), issue.message);
}

/** Refuses any query, for a call that takes none and is not checked by its route. @throws InvalidQueryError */
export function refuseQuery(url: string): void {
  if (!url.includes('?')) return;
  const checked = noQuery.safeParse(Object.fromEntries(new URL(url).searchParams));
  if (!checked.success) throw invalidQuery(checked.error);
}
