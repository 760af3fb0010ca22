// The very same app, which writes the very same rows and jobs: one INSERT and one add per request.
import { createNavette } from '@navette/adapters';
import { createMemoryBroker, createMemoryEvents, createMemoryStore } from '@navette/adapters/memory';
import { openPostgres } from '@navette/adapters/postgres';
import { createSystem } from '@navette/adapters/system';
import { priorityRank } from '@navette/domain';
import builtIn from '@navette/tasks';
import { Queue } from 'bullmq';
import pg from 'pg';
import { serveBenchApp } from './bench-app.mjs';

const connectionString = process.env.DATABASE_URL;
const opened = openPostgres({ connectionString });
await opened.ready;
const pool = new pg.Pool({ connectionString, max: 20 });
const queues = new Map();
const queueOf = (name) => {
  if (!queues.has(name)) queues.set(name, new Queue(name, { connection: { url: process.env.REDIS_URL } }));
  return queues.get(name);
};

const insertOne = {
  name: 'insert-one',
  text: `insert into navette.tasks (
      id, type, queue, state, priority, ready_seq, payload, max_attempts, backoff, timeout_ms, tags,
      submitted_at, queued_at, dispatched_at
    ) values ($1, $2, $3, 'queued', $4, nextval('navette.ready_seq'), $5, $6, $7, $8, $9, now(), now(), now())
    returning submitted_at`,
};
const insert = async ({ id, type, queue, payload, priority, retry, timeoutMs, tags }) => {
  const { maxAttempts, backoff } = retry;
  const values = [id, type, queue, priorityRank(priority), JSON.stringify(payload)];
  const { rows } = await pool.query({
    ...insertOne,
    values: [...values, maxAttempts, JSON.stringify(backoff), timeoutMs, tags],
  });
  const ends = { result: null, error: null, progress: null, startedAt: null, finishedAt: null, expiresAt: null };
  const task = { id, type, queue, payload, priority, retry, timeoutMs, tags, ...ends, state: 'queued' };
  const counts = { attempt: 0, spent: 0, dispatch: 1, version: 1, runAt: null, cancellation: null };
  return { kind: 'inserted', task: { ...task, ...counts, submittedAt: rows[0].submitted_at } };
};
const add = ({ taskId, dispatch, queue, priority }) =>
  queueOf(queue).add(
    'task',
    { taskId, dispatch },
    { jobId: `${taskId}.${dispatch}`, priority: priorityRank(priority) + 1, attempts: 1 },
  );

const { store } = opened;
const memoryBroker = createMemoryBroker({ store: createMemoryStore({ system: createSystem() }) });
const navette = createNavette({
  store: { ...store, records: { ...store.records, insert: (tasks) => Promise.all(tasks.map(insert)) } },
  broker: { ...memoryBroker, dispatch: (dispatches) => Promise.all(dispatches.map(add)) },
  events: createMemoryEvents(),
  tasks: builtIn,
});
serveBenchApp(navette);
