import { defineTask, PermanentError } from '@navette/domain';
import { z } from 'zod';

/** What the tasks of this example need from outside; a test gives its own. */
export interface Mailer {
  send(to: string, text: string): Promise<void>;
}

/** The catalogue: an array of task types. */
export function createTasks(mailer: Mailer) {
  const welcome = defineTask({
    type: 'mail.welcome',
    description: 'Welcomes a new member by mail.',
    payload: z.object({ to: z.email(), name: z.string().default('friend') }),
    retry: { maxAttempts: 5, backoff: { kind: 'exponential', delayMs: 2_000, jitter: 0 } },
    timeoutMs: 10_000,
    handler: async ({ to, name }, { log }) => {
      if (to.endsWith('@example.invalid')) throw new PermanentError('nobody reads mail there', { code: 'no_mailbox' });
      await mailer.send(to, `Welcome, ${name}!`);
      await log(`sent to ${to}`);
      return { to };
    },
  });

  const newsletter = defineTask({
    type: 'mail.newsletter',
    description: 'Submits one mail for each member.',
    payload: z.object({ members: z.array(z.email()) }),
    priority: 'bulk',
    handler: async ({ members }, { taskId, submit, progress }) => {
      for (const [done, to] of members.entries()) {
        // With a key, a task that runs again submits none of them a second time.
        await submit(welcome, { to }, { idempotencyKey: `${taskId}.${done}` });
        await progress({ done: done + 1, total: members.length });
      }
    },
  });

  return { welcome, newsletter };
}
