import { createNavette } from '@navette/adapters';
import { createMemoryBroker, createMemoryEvents, createMemoryStore } from '@navette/adapters/memory';
import { createSystem } from '@navette/adapters/system';
import { createTasks, type Mailer } from './tasks.ts';

/** Puts a Navette together, submits a task, works on it and stops. Other set-ups differ in the first lines only. */
export async function welcomeSomeone(mailer: Mailer) {
  const store = createMemoryStore({ system: createSystem() });
  const broker = createMemoryBroker({ store });
  const events = createMemoryEvents();
  const { welcome, newsletter } = createTasks(mailer);
  const navette = createNavette({ store, broker, events, tasks: [welcome, newsletter] });

  const worker = navette.work({ queues: { default: 10 } });
  const { id } = await navette.submit(welcome, { to: 'ada@example.org', name: 'Ada' }, { priority: 'high' });
  const { state } = await navette.wait(id, { timeoutMs: 10_000 });
  const { items } = await navette.logs(id);

  await worker.stop();
  await navette.close();
  return { state, log: items.map((line) => line.message) };
}
