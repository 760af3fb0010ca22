import { createManualSystem, memoryNavette } from '@navette/adapters/memory';
import { InvalidPayloadError } from '@navette/domain';
import { describe, expect, test } from 'vitest';
import { createTasks } from './tasks.ts';
import { welcomeSomeone } from './usage.ts';

/** Everything in memory, and a clock that this test moves. */
function setUp(answers: Error[] = []) {
  const sent: string[] = [];
  const tasks = createTasks({
    send: async (to) => {
      const answer = answers.shift();
      if (answer) throw answer;
      sent.push(to);
    },
  });
  const system = createManualSystem();
  const navette = memoryNavette({ tasks: Object.values(tasks), system });
  navette.work();
  return { ...tasks, navette, system, sent };
}

describe('my tasks', () => {
  test('a mail is sent', async () => {
    const { navette, welcome, sent } = setUp();
    const { id } = await navette.submit(welcome, { to: 'ada@example.org' });
    expect(await navette.wait(id)).toMatchObject({ state: 'completed', result: { to: 'ada@example.org' } });
    expect(sent).toEqual(['ada@example.org']);
  });

  test('a mail server that is away is tried again, 2 s and 4 s later', async () => {
    const { navette, welcome, system, sent } = setUp([new Error('away'), new Error('still away')]);
    const { id } = await navette.submit(welcome, { to: 'ada@example.org' });
    await system.advance(2_000 + 4_000);
    const task = await navette.get(id);
    expect(task.state).toBe('completed');
    expect(task.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'completed']);
    expect(sent).toHaveLength(1);
  });

  test('a mailbox that cannot exist is not tried again', async () => {
    const { navette, welcome } = setUp();
    const { id } = await navette.submit(welcome, { to: 'ada@example.invalid' });
    expect(await navette.wait(id)).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'no_mailbox' } });
  });

  test('a payload that does not fit is refused at once', async () => {
    const { navette, welcome } = setUp();
    await expect(navette.submit(welcome, { to: 'nowhere' })).rejects.toThrow(InvalidPayloadError);
  });

  test('a newsletter submits a mail for each member', async () => {
    const { navette, newsletter, system, sent } = setUp();
    const { id } = await navette.submit(newsletter, { members: ['ada@example.org', 'bob@example.org'] });
    await system.advance(0);
    expect(await navette.get(id)).toMatchObject({ state: 'completed', progress: { done: 2, total: 2 } });
    expect(sent).toEqual(['ada@example.org', 'bob@example.org']);
    await navette.retry(id);
    await system.advance(0);
    expect(await navette.get(id)).toMatchObject({ state: 'completed', attempt: 2 });
    expect(sent).toHaveLength(2);
  });
});

test('the usage runs as written', async () => {
  const sent: string[] = [];
  const mailer = { send: async (_to: string, text: string) => void sent.push(text) };
  expect(await welcomeSomeone(mailer)).toEqual({ state: 'completed', log: ['sent to ada@example.org'] });
  expect(sent).toEqual(['Welcome, Ada!']);
});
