// What most teams write first: one INSERT and one add per request, on the same HTTP library.
import { serve } from '@hono/node-server';
import { Queue } from 'bullmq';
import { Hono } from 'hono';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });
await pool.query('create schema if not exists bench_naive');
await pool.query(`create table if not exists bench_naive.tasks
  (id uuid primary key, type text not null, payload jsonb not null, state text not null, created_at timestamptz default now())`);
const queue = new Queue('bench-naive', { connection: { url: process.env.REDIS_URL } });
await queue.waitUntilReady();

const app = new Hono();
app.get('/health/ready', (c) => c.json({ status: 'ok' }));
app.post('/submit-task', async (c) => {
  const { type, payload } = await c.req.json();
  const id = crypto.randomUUID();
  await pool.query('insert into bench_naive.tasks (id, type, payload, state) values ($1, $2, $3, $4)', [
    id,
    type,
    payload,
    'queued',
  ]);
  await queue.add(type, { id }, { jobId: id, removeOnComplete: true });
  return c.json({ id, type, state: 'queued' }, 202);
});
app.post('/submit-tasks', async (c) => {
  const { tasks } = await c.req.json();
  const accepted = tasks.map(({ type, payload }) => ({ id: crypto.randomUUID(), type, payload, state: 'queued' }));
  await pool.query(
    `insert into bench_naive.tasks (id, type, payload, state)
       select id, type, payload, state from json_to_recordset($1) as t(id uuid, type text, payload jsonb, state text)`,
    [JSON.stringify(accepted)],
  );
  await queue.addBulk(
    accepted.map(({ id, type }) => ({ name: type, data: { id }, opts: { jobId: id, removeOnComplete: true } })),
  );
  return c.json({ accepted: accepted.length, items: accepted }, 202);
});
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
process.on('SIGTERM', () => process.exit(0));
