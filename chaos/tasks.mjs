// The task types of the runs, loaded by API and workers alike (NAVETTE_TASKS). Every start of a handler is noted in a
// file that survives the process, so that the audit knows what has really run.
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineTask, PermanentError, RetryAfterError } from '@navette/domain';

const { env } = process;

const anything = { '~standard': { version: 1, vendor: 'navette-chaos', validate: (value) => ({ value }) } };
const quickRetry = { backoff: { kind: 'exponential', delayMs: 100, maxDelayMs: 2_000, jitter: 0.5 } };

/** A task type whose runs are noted. */
function define(type, handler, options = {}) {
  return defineTask({
    type,
    payload: anything,
    retry: quickRetry,
    ...options,
    handler: async (payload, context) => {
      note('start', context);
      const result = await handler(payload, context);
      note('end', context);
      return result;
    },
  });
}

function note(what, { taskId, attempt }) {
  appendFileSync(env.CHAOS_JOURNAL, `${what} ${taskId} ${attempt} ${Date.now()}\n`);
}

/** Takes `ms`, fails its first `failures` attempts, obeys its signal. */
const work = define('chaos.work', async ({ ms, failures = 0, chatty = false }, { attempt, signal, progress, log }) => {
  if (chatty) {
    await progress({ attempt });
    await log(`attempt ${attempt}`);
  }
  await sleep(ms, undefined, { signal });
  if (attempt <= failures) throw attempt % 2 === 0 ? new RetryAfterError(200) : new Error('fails on purpose');
  return { attempt };
});

/** Does not look at its signal. */
const stubborn = define('chaos.stubborn', async ({ ms }) => {
  await sleep(ms);
  return 'done all the same';
});

/** Fails for good. */
const permanent = define('chaos.permanent', () => {
  throw new PermanentError('will never do', { code: 'on_purpose' });
});

const poisonResults = {
  bigint: () => 1n,
  nul: () => 'a\u0000b',
  surrogate: () => '\ud800',
  circular: () => {
    const result = {};
    result.self = result;
    return result;
  },
  throws: () => ({
    get value() {
      throw new Error('cannot be read');
    },
  }),
  deep: () => {
    let result = [];
    for (let depth = 0; depth < 20_000; depth++) result = [result];
    return result;
  },
};

/** Returns what cannot be stored. */
const poison = define('chaos.result', ({ kind }) => poisonResults[kind]());

// Not every worker consumes these.
const dangerous = { queue: 'dangerous' };

/** Takes seconds. */
const long = define('chaos.long', (_payload, { signal }) => sleep(4_000, 'done', { signal }), dangerous);

/** Takes its worker with it, for its first `attempts` attempts: by SIGKILL, or by an exit of its own. */
const crash = define(
  'chaos.crash',
  ({ attempts, how }, { attempt }) => {
    if (attempt > attempts) return { attempt };
    if (how === 'exit') process.exit(70);
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  },
  dangerous,
);

/** Blocks the event loop of its worker, in its first attempt, until a file is there. */
const block = define(
  'chaos.block',
  ({ gate }, { attempt }) => {
    const never = new Int32Array(new SharedArrayBuffer(4));
    while (attempt === 1 && !existsSync(gate)) Atomics.wait(never, 0, 0, 100);
    return { attempt };
  },
  dangerous,
);

/** Submits further tasks; the same ones whenever it runs again. */
const parent = define('chaos.parent', async ({ children }, { taskId, submit }) => {
  const ids = [];
  for (let i = 0; i < children; i++) {
    const child = await submit(work, { ms: 20 }, { idempotencyKey: `${taskId}.${i}`, tags: ['child'] });
    ids.push(child.id);
  }
  return ids;
});

export default [work, stubborn, permanent, poison, long, crash, block, parent];
