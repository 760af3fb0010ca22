// How the smoke reports, waits and gives up.

import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const TOTAL_MS = 10 * 60_000;

const stopping = new AbortController();
setMaxListeners(0, stopping.signal); // one listener per call under way

/** Aborted by a signal, or when the whole run takes too long. */
export const giveUp = stopping.signal;

const abort = (reason) => stopping.abort(new Error(reason));
process.on('SIGINT', () => abort('interrupted'));
process.on('SIGTERM', () => abort('terminated'));
const deadline = setTimeout(() => abort(`not finished after ${TOTAL_MS / 60_000} minutes`), TOTAL_MS);

/** How many checks passed and failed so far. */
export const counts = { passed: 0, failed: 0 };

/** One named check. The first failure ends the run: everything after it stands on it. */
export async function check(name, run) {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  try {
    const note = await run();
    counts.passed += 1;
    console.log(`ok    ${name}${note ? `: ${note}` : ''} (${seconds()})`);
  } catch (error) {
    counts.failed += 1;
    console.log(`FAIL  ${name} (${seconds()})`);
    throw error;
  }
}

/** The first truthy answer of a probe. */
export async function eventually(what, timeoutMs, probe) {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > end) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await sleep(200, undefined, { signal: giveUp });
  }
}

/** Runs everything, then cleans up whatever happened, and says how many checks passed. */
export async function runChecks(run, cleanUp) {
  try {
    await run();
  } catch (error) {
    counts.failed ||= 1;
    console.log(`      ${String(giveUp.reason ?? error.stack ?? error).replace(/\n/g, '\n      ')}`);
  } finally {
    clearTimeout(deadline);
    await cleanUp();
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed ? 1 : 0;
}
