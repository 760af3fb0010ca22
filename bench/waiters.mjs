// What it costs when a thousand clients wait, and how soon they are answered.
//   npm run bench:waiters [-- --waiters 1000 --idle 15 --only navette-store]
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startCpuCount } from './cpu.mjs';
import { startService } from './http/service.mjs';
import { describeMachine, warnIfBusy } from './machine.mjs';
import { quantile } from './report/statistics.mjs';
import { startServers } from './servers.mjs';
import { openWaiting } from './waiters/waiting-client.mjs';

const { values: flags } = parseArgs({
  options: {
    waiters: { type: 'string', default: '1000' },
    idle: { type: 'string', default: '15' },
    only: { type: 'string', default: '' },
  },
});
const waiters = Number(flags.waiters);
const idleMs = Number(flags.idle) * 1000;

/** How clients wait: for an answer, or on a stream of events, of which the first comes at once. */
const ways = {
  'GET ?wait=60': { path: (id) => `/tasks/${id}?wait=60` },
  events: { path: (id) => `/tasks/${id}/events`, isOpen: (text) => text.includes('event: state') },
};
const sides = ['navette-embedded', 'navette-store', 'navette-bullmq'].filter((side) => side.includes(flags.only));

const servers = await startServers();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => servers.stop().finally(() => process.exit(130)));
}
warnIfBusy();
const rows = [];
try {
  for (const side of sides) {
    await servers.clean();
    rows.push(...(await measureSide(side)));
  }
} finally {
  await servers.stop();
}
process.stdout.write(`\n${JSON.stringify(describeMachine())}\n${waiters} waiters\n\n`);
const columns = ['side', 'way', 'tasks', 'kB each', 'CPU idle %', 'CPU µs each', 'p50 ms', 'p99 ms', 'max ms'];
const table = [columns, columns.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
process.stdout.write(`${table}\n`);

async function measureSide(side) {
  const memoryFile = join(servers.folder, 'memory');
  const env = {
    NAVETTE_TASKS: fileURLToPath(new URL('waiters/held-task.mjs', import.meta.url)),
    NAVETTE_QUEUES: `*:${waiters}`,
    BENCH_MEMORY_FILE: memoryFile,
  };
  const service = await startService(servers, side, { workers: 1, env });
  const { server, worker = [server] } = service.pids;
  const url = `http://127.0.0.1:${service.port}`;
  const measured = [];

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
  /** CPU of the server over the idle time, percent of a core. */
  const idleCpu = async () => {
    const end = await startCpuCount({ server });
    await sleep(idleMs);
    return (await end(1)).cpu.server;
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
  const untilRunning = async (count) => {
    for (;;) {
      const { items } = await (await fetch(`${url}/queues`)).json();
      if (items.reduce((sum, { counts }) => sum + counts.running, 0) === count) return;
      await sleep(50);
    }
  };

  /** @param distinct how many different tasks they wait for */
  const measure = async (way, distinct) => {
    const { path, isOpen } = ways[way];
    const ids = [];
    while (ids.length < distinct)
      ids.push(...(await Promise.all(Array.from({ length: Math.min(distinct, 50) }, submit))));
    await untilRunning(distinct);
    // What starting them has left behind shall not be counted.
    await sleep(1_000);
    const without = { held: await memory(), cpu: await idleCpu() };
    const clients = Array.from({ length: waiters }, (_, n) =>
      openWaiting(service.port, path(ids[n % distinct]), { isOpen }),
    );
    const ended = Promise.all(clients.map((client) => client.ended));
    await Promise.all(clients.map((client) => client.opened));
    await sleep(2_000);
    const held = (await memory()) - without.held;
    const cpu = (await idleCpu()) - without.cpu;
    const endBurst = await startCpuCount({ server });
    for (const pid of worker) process.kill(pid, 'SIGUSR2');
    const ms = (await ended).map(({ at, text }) => {
      const moments = [...text.matchAll(/"finishedAt":"([^"]+)","expiresAt"/g)];
      return at - Date.parse(moments.at(-1)[1]);
    });
    const { usPerTask } = await endBurst(waiters);
    for (const client of clients) client.close();
    const costs = [held / waiters / 1000, cpu, usPerTask.server];
    const row = [side, way, distinct, ...costs, quantile(ms, 0.5), quantile(ms, 0.99), Math.max(...ms)];
    process.stderr.write(`${row.join('  ')}\n`);
    measured.push(
      row.map((value) => (typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(1) : value)),
    );
  };

  try {
    for (const way of Object.keys(ways)) for (const distinct of [waiters, 1]) await measure(way, distinct);
  } finally {
    await service.stop();
  }
  return measured;
}
