import { InvalidPayloadError, type Problem } from '../errors.ts';
import { escapePointer, findJsonProblem } from '../json.ts';
import type { StandardIssue, StandardResult } from '../standard-schema.ts';
import type { AnyTaskType } from '../task-type.ts';

/**
 * Checks a payload against what the store can keep and what the type's schema asks for. To be awaited; a schema that
 * answers at once, the usual case, costs no promise.
 * @returns the schema's output, which is what the handler gets; the payload itself is stored as sent.
 * @throws InvalidPayloadError with one problem per field.
 */
export function validatePayload(taskType: AnyTaskType, payload: unknown): unknown {
  const unstorable = findJsonProblem(payload);
  if (unstorable) {
    const problem = { pointer: `#/payload${unstorable.pointer}`, detail: unstorable.detail };
    throw new InvalidPayloadError(taskType.type, [problem]);
  }
  const answer = taskType.payload['~standard'].validate(payload);
  return answer instanceof Promise ? answer.then((checked) => outputOf(taskType, checked)) : outputOf(taskType, answer);
}

function outputOf({ type }: AnyTaskType, checked: StandardResult<unknown>): unknown {
  if (checked.issues) throw new InvalidPayloadError(type, checked.issues.map(problemOf));
  return checked.value;
}

function problemOf(issue: StandardIssue): Problem {
  const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  return {
    pointer: ['#/payload', ...path.map((key) => escapePointer(String(key)))].join('/'),
    detail: issue.message,
  };
}
