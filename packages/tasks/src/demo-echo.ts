import { defineTask, type Json } from '@navette/domain';
import { z } from 'zod';

/** Returns its payload. It does no work of its own, so it also measures what a task costs. */
export const demoEcho = defineTask({
  type: 'demo.echo',
  description: 'Returns its payload, which may be any JSON.',
  // What may be stored is checked before any schema is asked, so there is nothing left to check here.
  payload: z.unknown() as z.ZodType<Json, Json>,
  handler: (payload) => payload,
});
