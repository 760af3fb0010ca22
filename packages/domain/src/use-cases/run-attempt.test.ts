import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { ClaimedAttempt } from '../ports/attempts.ts';
import { silentLog } from '../ports/log.ts';
import { defaultRetryPolicy } from '../retry-policy.ts';
import { createCatalogue, defineTask } from '../task-type.ts';
import { type AttemptRunnerDeps, createAttemptRunner } from './run-attempt.ts';

const claimed: ClaimedAttempt = {
  taskId: 'one',
  attempt: 1,
  worker: 'here',
  dispatch: 1,
  type: 'test.task',
  queue: 'default',
  priority: 'normal',
  spent: 0,
  timeoutMs: 1_000,
  payload: null,
  retry: defaultRetryPolicy,
};

function createScene() {
  const handler = vi.fn();
  const deps = {
    catalogue: createCatalogue([defineTask({ type: 'test.task', payload: z.json(), handler })]),
    attempts: { settle: async () => ({ kind: 'settled', state: 'completed', dispatch: 1 }) },
    events: { publish: () => {} },
    system: { now: () => new Date(0), random: () => 0, monotonicMs: () => 0, after: () => () => {} },
    log: silentLog,
  };
  return { handler, runner: createAttemptRunner(deps as unknown as AttemptRunnerDeps) };
}

test('an attempt is not begun again by a claim that was granted before its settlement and told after it', async () => {
  const { handler, runner } = createScene();
  await runner.run(claimed);
  await runner.run(claimed);
  expect(handler).toHaveBeenCalledTimes(1);
  await runner.run({ ...claimed, attempt: 2 });
  expect(handler).toHaveBeenCalledTimes(2);
});
