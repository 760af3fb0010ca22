import { setImmediate as turn } from 'node:timers/promises';
import type { Job, Worker } from 'bullmq';
import { expect, it } from 'vitest';
import { createManualSystem } from '../memory/index.ts';
import { type JobFate, startJobLanes } from './job-lanes.ts';

/** Lanes over a BullMQ worker whose fetches the test answers. */
function lanesOf(concurrency: number) {
  const asked: { readonly waits: boolean; readonly answer: (job: Job | undefined) => void }[] = [];
  const seen = new Map<string, (fate: JobFate) => void>();
  const getNextJob: Worker['getNextJob'] = (_, { block = true } = {}) =>
    new Promise((resolve) => void asked.push({ waits: block, answer: (job) => resolve(job as Job) }));
  const lanes = startJobLanes({
    worker: { id: 'w', getNextJob } as Worker,
    concurrency,
    lockMs: 5_000,
    system: createManualSystem(),
    deliver: (job) => new Promise((leave) => void seen.set(job.id as string, leave)),
    onError: () => {},
  });
  return { lanes, asked, seen };
}

const job = (id: string) => ({ id }) as Job;

it.each([...Array(25).keys()])('looks on when a job and nothing come in one turn, %i promises apart', async (ticks) => {
  for (const jobFirst of [true, false]) {
    const { asked, seen } = lanesOf(2);
    asked.shift()?.answer(job('first'));
    await turn();
    // The other lane finds nothing and waits; then the first is free and looks for itself.
    asked.shift()?.answer(undefined);
    await turn();
    seen.get('first')?.('later');
    await turn();
    const [waiting, looking] = [asked.find(({ waits }) => waits), asked.find(({ waits }) => !waits)];
    expect(asked.splice(0)).toEqual([waiting, looking]);
    const answers = [() => waiting?.answer(job('second')), () => looking?.answer(undefined)];
    const [one, other] = jobFirst ? answers : answers.reverse();
    one?.();
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
    other?.();
    await turn();
    expect([...seen.keys()]).toEqual(['first', 'second']);
    expect(asked).toHaveLength(1);
  }
});

it('opens as many lanes as there is room for, each when another has found a job, and one waits', async () => {
  const { asked, seen } = lanesOf(3);
  for (const id of ['a', 'b', 'c']) {
    asked.shift()?.answer(job(id));
    await turn();
  }
  expect([...seen.keys()]).toEqual(['a', 'b', 'c']);
  expect(asked).toEqual([]);
  for (const id of ['a', 'b']) seen.get(id)?.('moved');
  await turn();
  expect(asked).toHaveLength(2);
  for (const { answer } of asked.splice(0)) answer(undefined);
  await turn();
  expect(asked.map(({ waits }) => waits)).toEqual([true]);
});

it('fetches nothing while it is held, and puts back what comes once it is closed', async () => {
  const { lanes, asked, seen } = lanesOf(2);
  lanes.hold();
  asked.shift()?.answer(undefined);
  await turn();
  expect(asked).toEqual([]);
  lanes.resume();
  expect(asked).toHaveLength(1);
  let closed = false;
  const closing = lanes.close().then(() => {
    closed = true;
  });
  await turn();
  expect(closed).toBe(false);
  const putBack: string[] = [];
  const late = { id: 'late', moveToWait: async () => void putBack.push('late') } as unknown as Job;
  asked.shift()?.answer(late);
  await closing;
  expect({ putBack, seen: seen.size, asked: asked.length }).toEqual({ putBack: ['late'], seen: 0, asked: 0 });
});
