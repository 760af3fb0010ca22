// The very same app over a store that answers at once and keeps nothing: what HTTP and validation cost by themselves.
import { createNavette } from '@navette/adapters';
import { createMemoryBroker, createMemoryEvents, createMemoryStore } from '@navette/adapters/memory';
import { createSystem } from '@navette/adapters/system';
import builtIn from '@navette/tasks';
import { serveBenchApp } from './bench-app.mjs';

const system = createSystem();
const store = createMemoryStore({ system });
const insert = async (tasks) =>
  tasks.map(({ delayMs = 0, runAt, expiresAt = null, idempotency, ...task }) => ({
    kind: 'inserted',
    task: {
      ...task,
      state: delayMs > 0 ? 'scheduled' : 'queued',
      result: null,
      error: null,
      progress: null,
      attempt: 0,
      spent: 0,
      submittedAt: new Date(),
      runAt: runAt ?? new Date(Date.now() + delayMs),
      startedAt: null,
      finishedAt: null,
      expiresAt,
      cancellation: null,
      dispatch: 1,
      version: 1,
    },
  }));
const navette = createNavette({
  store: { ...store, records: { ...store.records, insert } },
  broker: createMemoryBroker({ store }),
  events: createMemoryEvents(),
  tasks: builtIn,
});
serveBenchApp(navette);
