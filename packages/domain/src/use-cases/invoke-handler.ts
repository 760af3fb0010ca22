import { PermanentError } from '../errors.ts';
import { messageOf } from '../json.ts';
import type { ClaimedAttempt } from '../ports/attempts.ts';
import type { AnyTaskType, HandlerContext } from '../task-type.ts';
import { validatePayload } from './validate-payload.ts';

/**
 * Gives a handler its payload, as its schema puts it out, and checks what it returns.
 * @throws PermanentError `invalid_payload` or `invalid_result`: neither mends itself; and whatever the handler throws.
 */
export async function invokeHandler(
  taskType: AnyTaskType,
  { payload: stored }: ClaimedAttempt,
  context: HandlerContext,
): Promise<unknown> {
  let payload: unknown;
  try {
    payload = validatePayload(taskType, stored);
    if (payload instanceof Promise) payload = await payload;
  } catch (error) {
    // The type's schema may have changed since the task was accepted.
    throw new PermanentError(messageOf(error), { code: 'invalid_payload', cause: error });
  }
  const result: unknown = await taskType.handler(payload, context);
  if (!taskType.result) return result;
  const checked = await taskType.result['~standard'].validate(result);
  if (!checked.issues) return checked.value;
  const detail = checked.issues.map((issue) => issue.message).join('; ');
  throw new PermanentError(`the result does not fit its schema: ${detail}`, { code: 'invalid_result' });
}
