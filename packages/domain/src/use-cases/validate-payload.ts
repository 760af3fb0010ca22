import { InvalidPayloadError, type Problem } from '../errors.ts';
import { escapePointer, findJsonProblem } from '../json.ts';
import type { StandardIssue } from '../standard-schema.ts';
import type { AnyTaskType } from '../task-type.ts';

/**
 * Checks a payload against what the store can keep and what the type's schema asks for.
 * @returns the schema's output, which is what the handler gets; the payload itself is stored as sent.
 * @throws InvalidPayloadError with one problem per field.
 */
export async function validatePayload(taskType: AnyTaskType, payload: unknown): Promise<unknown> {
  const unstorable = findJsonProblem(payload);
  if (unstorable) {
    const problem = { pointer: `#/payload${unstorable.pointer}`, detail: unstorable.detail };
    throw new InvalidPayloadError(taskType.type, [problem]);
  }
  // Not awaited when the schema answers at once: that is the usual case, and a turn of the loop per task adds up.
  const answer = taskType.payload['~standard'].validate(payload);
  const checked = answer instanceof Promise ? await answer : answer;
  if (checked.issues) throw new InvalidPayloadError(taskType.type, checked.issues.map(problemOf));
  return checked.value;
}

function problemOf(issue: StandardIssue): Problem {
  const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  return {
    pointer: ['#/payload', ...path.map((key) => escapePointer(String(key)))].join('/'),
    detail: issue.message,
  };
}
