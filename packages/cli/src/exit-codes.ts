import { NavetteApiError, NavetteConnectionError } from '@navette/client';

/** What the command tells the shell. */
export const exitCodes = {
  ok: 0,
  /** The task or the operation did not succeed. */
  failed: 1,
  /** Wrong usage, or input that the server refuses. */
  usage: 2,
  /** The server cannot be reached, or does not let the caller in, or cannot answer now. */
  unreachable: 3,
  /** Stopped by a signal. */
  interrupted: 130,
} as const;

/** Input that cannot be used. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The statuses that say nothing about what was sent. */
const refusedCaller: readonly number[] = [401, 403, 408, 429];

/** What the command tells the shell after an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof NavetteConnectionError) return exitCodes.unreachable;
  if (!(error instanceof NavetteApiError)) return exitCodes.failed;
  return error.status >= 500 || refusedCaller.includes(error.status) ? exitCodes.unreachable : exitCodes.usage;
}
