import { vi } from 'vitest';

/** How long anything may take before a test gives up, ms: much longer than it takes even on a busy machine. */
export const patienceMs = 15_000;

/** Resolves as soon as the assertion holds; fails with what it says when patience is at its end. */
export async function eventually(assertion: () => unknown): Promise<void> {
  await vi.waitFor(assertion, { timeout: patienceMs, interval: 5 });
}
