import { StartupError } from '@navette/adapters/container';
import { memoryNavette } from '@navette/adapters/memory';
import { demoEcho } from '@navette/tasks';
import { expect, it } from 'vitest';
import { createWorkerService } from '../src/worker.ts';

const settings = { NAVETTE_QUEUES: { '*': 1 }, NAVETTE_SHUTDOWN_MS: 0, NAVETTE_RETENTION_DAYS: undefined };

it('works from its start to its stop', async () => {
  const navette = memoryNavette({ tasks: [demoEcho] });
  const worker = createWorkerService(navette, settings);
  expect(worker.status()).toBeUndefined();
  worker.start();
  const { id } = await navette.submit(demoEcho, 'hello');
  expect((await navette.wait(id)).result).toBe('hello');
  await worker.stop();
  expect(worker.status()?.state).toBe('stopped');
  await navette.close();
});

it('does not start once it has been stopped', async () => {
  const navette = memoryNavette({ tasks: [demoEcho] });
  const worker = createWorkerService(navette, settings);
  await worker.stop();
  worker.start();
  expect(worker.status()).toBeUndefined();
  await navette.close();
});

it('refuses queues that no task type is on, and names those that are', () => {
  const navette = memoryNavette({ tasks: [demoEcho] });
  const NAVETTE_QUEUES = { default: 1, media: 2, mail: 3 };
  expect(() => createWorkerService(navette, { ...settings, NAVETTE_QUEUES })).toThrow(StartupError);
  expect(() => createWorkerService(navette, { ...settings, NAVETTE_QUEUES })).toThrow('media, mail; known: default');
});
