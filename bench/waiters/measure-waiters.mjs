// One set-up: clients that wait for tasks which a worker process ends when it is told to.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startCpuCount } from '../cpu.mjs';
import { startService } from '../http/service.mjs';
import { quantile } from '../report/statistics.mjs';
import { watchCommits } from './commit-watch.mjs';
import { spreadMs } from './spread.mjs';
import { openWaiting } from './waiting-client.mjs';

/** How clients wait: for an answer, or on a stream of events, of which the first comes at once. */
const ways = {
  'GET ?wait=60': { path: (id) => `/tasks/${id}?wait=60` },
  events: { path: (id) => `/tasks/${id}/events`, isOpen: (text) => text.includes('event: state') },
};
/** How the tasks come to their end. */
const endings = [
  { ending: 'in one instant', signal: 'SIGUSR2' },
  { ending: `within ${spreadMs / 1000} s`, signal: 'SIGWINCH' },
];
/** Requests that are sent at once while tasks are submitted and clients connect. */
const atOnce = 50;

/**
 * Measures both ways: a task for each client, all of which end in one instant or one after the other, and one task for
 * all.
 * @param idleMs for how long nothing happens while CPU is counted
 * @param warmUps rounds at the beginning that do not count: a server that has answered nobody yet is slower
 * @returns for each: kB and percent of a core that the clients cost the server; for each round its latencies and CPU
 */
export async function measureWaiters(servers, side, { waiters, idleMs, warmUps, rounds }) {
  const memoryFile = join(servers.folder, 'memory');
  const env = {
    NAVETTE_TASKS: fileURLToPath(new URL('held-task.mjs', import.meta.url)),
    NAVETTE_QUEUES: `*:${waiters}`,
    BENCH_MEMORY_FILE: memoryFile,
  };
  const service = await startService(servers, side, { workers: 1, env });
  const { server, worker = [server] } = service.pids;
  const url = `http://127.0.0.1:${service.port}`;

  /** What the server's memory holds after a collection, bytes. */
  const memory = async () => {
    const file = `${memoryFile}.${server}`;
    await rm(file, { force: true });
    process.kill(server, 'SIGHUP');
    for (;;) {
      const text = await readFile(file, 'utf8').catch(() => '');
      if (text) return JSON.parse(text).held;
      await sleep(20);
    }
  };
  /** What the server holds and does while nothing happens. */
  const look = async () => {
    await sleep(2_000);
    const held = await memory();
    const end = await startCpuCount({ server });
    await sleep(idleMs);
    return { held, cpu: (await end(1)).cpu.server };
  };
  const submit = async () => {
    const response = await fetch(`${url}/submit-task`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'bench.held', payload: null }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`a submission was refused: ${JSON.stringify(answer)}`);
    return answer.id;
  };
  /** Starts so many tasks; their ids once all of them run. */
  const startTasks = async (count) => {
    const ids = await inWaves(count, submit);
    for (;;) {
      const { items } = await (await fetch(`${url}/queues`)).json();
      if (items.reduce((sum, { counts }) => sum + counts.running, 0) === count) return ids;
      await sleep(50);
    }
  };
  const connect = (way, ids) =>
    inWaves(waiters, async (n) => {
      const client = openWaiting(service.port, ways[way].path(ids[n % ids.length]), ways[way]);
      await client.opened;
      return client;
    });

  /**
   * Lets go of the tasks; how long each client waited for its answer since the end of its task was committed, ms.
   * Embedded, where nobody else can look at the database, since it began to write it.
   */
  const answer = async (clients, ids, signal) => {
    const commits = side === 'navette-embedded' ? undefined : await watchCommits(servers.databaseUrl);
    const ended = Promise.all(clients.map((client) => client.ended));
    const end = await startCpuCount({ server });
    for (const pid of worker) process.kill(pid, signal);
    const answers = await ended;
    const { usPerTask } = await end(clients.length);
    for (const client of clients) client.close();
    const committed = await commits?.stop(ids);
    const ms = answers.map(({ at, text }, n) => {
      if (committed) return at - committed.get(ids[n % ids.length]);
      const moments = [...text.matchAll(/"finishedAt":"([^"]+)","expiresAt"/g)];
      return at - Date.parse(moments.at(-1)[1]);
    });
    return { p50: quantile(ms, 0.5), p99: quantile(ms, 0.99), max: Math.max(...ms), cpuUs: usPerTask.server };
  };

  const measure = async (way, distinct, { ending, signal }) => {
    const result = { side, way, distinct, ending, rounds: [] };
    for (let round = -warmUps; round < rounds; round++) {
      const isFirst = round === -warmUps;
      const ids = await startTasks(distinct);
      const without = isFirst && (await look());
      const clients = await connect(way, ids);
      if (isFirst) {
        const withThem = await look();
        result.kBEach = (withThem.held - without.held) / waiters / 1000;
        result.idleCpu = withThem.cpu - without.cpu;
      }
      await sleep(500);
      const answered = await answer(clients, ids, signal);
      if (round >= 0) result.rounds.push(answered);
    }
    process.stderr.write(`${side} ${way}, ${distinct} tasks, ${ending}: ${JSON.stringify(result.rounds.at(-1))}\n`);
    return result;
  };

  const results = [];
  try {
    for (const way of Object.keys(ways)) {
      for (const ending of endings) results.push(await measure(way, waiters, ending));
      results.push(await measure(way, 1, endings[0]));
    }
  } finally {
    await service.stop();
  }
  return results;
}

/** Does something so many times, some at once. */
async function inWaves(count, act) {
  const done = [];
  while (done.length < count) {
    const size = Math.min(atOnce, count - done.length);
    done.push(...(await Promise.all(Array.from({ length: size }, (_, n) => act(done.length + n)))));
  }
  return done;
}
