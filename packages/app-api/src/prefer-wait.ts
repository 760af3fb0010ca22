/** The longest a call waits for a task to end, seconds. */
export const maxWaitSeconds = 60;

const waitPreference = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i;

/**
 * How long a `Prefer` header (RFC 7240) asks to wait, seconds, cut to {@link maxWaitSeconds}; `undefined` if it does not.
 * What is not understood is ignored, as the RFC asks.
 */
export function preferredWait(prefer: string | undefined): number | undefined {
  for (const preference of prefer?.split(',') ?? []) {
    const seconds = waitPreference.exec(preference)?.[1];
    if (seconds !== undefined) return Math.min(Number(seconds), maxWaitSeconds);
  }
  return undefined;
}
