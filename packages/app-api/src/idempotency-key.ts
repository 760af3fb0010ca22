import { InvalidRequestError } from '@navette/domain';
import { idempotencyKey } from './schemas/submission.ts';
import { detailOf } from './zod-issues.ts';

const quoted = /^"((?:[^"\\]|\\["\\])*)"$/;

/**
 * The idempotency key of a submission, from its field or from the `Idempotency-Key` header, bare or quoted.
 * @throws InvalidRequestError if the header is not a key, or differs from the field.
 */
export function chooseIdempotencyKey(field: string | undefined, header: string | undefined): string | undefined {
  if (header === undefined) return field;
  const refuse = (detail: string) => new InvalidRequestError([{ pointer: '#/idempotencyKey', detail }]);
  const bare = header.startsWith('"') ? quoted.exec(header)?.[1]?.replace(/\\(.)/g, '$1') : header;
  if (bare === undefined) throw refuse('as the header Idempotency-Key: its closing quote is missing, or out of place');
  const checked = idempotencyKey.safeParse(bare);
  if (!checked.success) throw refuse(`as the header Idempotency-Key: ${detailOf(checked.error.issues[0]!)}`);
  if (field !== undefined && field !== checked.data) throw refuse('differs from the header Idempotency-Key');
  return checked.data;
}
