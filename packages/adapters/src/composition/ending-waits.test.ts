import { defineTask } from '@navette/domain';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { memoryNavette } from '../memory/index.ts';
import { withEndingWaits } from './ending-waits.ts';

const echo = defineTask({ type: 'echo', payload: z.null(), handler: () => null });
const longMs = 3_600_000;

it('gives every waiter the task as it is when waits are ended', async () => {
  const { navette, endWaits } = withEndingWaits(memoryNavette({ tasks: [echo] }));
  const { id } = await navette.submit(echo, null);
  const client = new AbortController();
  const waits = [
    navette.wait(id, { timeoutMs: longMs, signal: client.signal }),
    navette.wait(id, { timeoutMs: longMs }),
  ];
  endWaits();
  const tasks = await Promise.all(waits);
  expect(tasks.map((task) => task.state)).toEqual(['queued', 'queued']);
  await navette.close();
});

it('ends what is followed', async () => {
  const { navette, endWaits } = withEndingWaits(memoryNavette({ tasks: [echo] }));
  const { id } = await navette.submit(echo, null);
  const read = async (news: AsyncIterable<unknown> | undefined) => {
    for await (const _ of news ?? []) endWaits();
  };
  await read(await navette.follow(id));
  await read(await navette.followAll());
  await navette.close();
});

it('still ends a wait whose client has gone', async () => {
  const { navette } = withEndingWaits(memoryNavette({ tasks: [echo] }));
  const { id } = await navette.submit(echo, null);
  const client = new AbortController();
  const wait = navette.wait(id, { timeoutMs: longMs, signal: client.signal });
  client.abort();
  expect((await wait).state).toBe('queued');
  await navette.close();
});
