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
  if (issue.code !== 'unrecognized_keys') return [{ pointer, detail: detailOf(issue) }];
  return issue.keys.map((key) => ({ pointer: `${pointer}/${escapePointer(key)}`, detail: 'is not a known field' }));
}

/** The domain's error for a query that does not fit its schema; names the first bad parameter. */
export function invalidQuery(error: z.ZodError): InvalidQueryError {
  const issue = error.issues[0] as Issue;
  if (issue.code === 'unrecognized_keys') {
    return new InvalidQueryError(issue.keys[0] as string, 'is not a known parameter here');
  }
  // All there is in a query is texts, or lists of them where a parameter is repeated.
  const detail = issue.code === 'invalid_type' ? 'may be given only once' : detailOf(issue);
  return new InvalidQueryError(String(issue.path[0]), detail);
}

/** What is wrong, in the words of all other answers; the words of a schema of ours stay as they are. */
export function detailOf(issue: Issue): string {
  if (!/^(?:Invalid|Too) /.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('undefined') ? 'is required' : `must be ${nouns[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`;
    case 'too_big':
      return `must ${measured('at most', issue.maximum, issue.origin)}`;
    case 'too_small':
      return `must ${measured('at least', issue.minimum, issue.origin)}`;
    default:
      return issue.message;
  }
}

const nouns: Partial<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

const units: Partial<Record<string, string>> = { string: 'character', array: 'item' };

function measured(bound: string, limit: number | bigint, origin: string): string {
  const unit = units[origin];
  return unit ? `have ${bound} ${limit} ${unit}${limit === 1 ? '' : 's'}` : `be ${bound} ${limit}`;
}

/** Refuses any query, for a call that takes none and is not checked by its route. @throws InvalidQueryError */
export function refuseQuery(url: string): void {
  if (!url.includes('?')) return;
  const checked = noQuery.safeParse(Object.fromEntries(new URL(url).searchParams));
  if (!checked.success) throw invalidQuery(checked.error);
}
