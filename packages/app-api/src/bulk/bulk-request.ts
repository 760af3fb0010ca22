import type { BulkRequest, Json } from '@navette/domain';
import { submissionSchema } from '../schemas/submission.ts';
import { invalidRequest } from '../zod-issues.ts';

/** One of many submissions, as it was sent. */
export function bulkRequestOf(sent: unknown): BulkRequest {
  const checked = submissionSchema.safeParse(sent);
  return checked.success ? { request: checked.data, sent: sent as Json } : { error: invalidRequest(checked.error) };
}
