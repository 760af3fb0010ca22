// How long a task takes from its submission to its end: on an idle system, and on one at half of what it can take.
import { startCpuCount } from '../cpu.mjs';
import { startLoad } from '../http/measure-load.mjs';
import { startService } from '../http/service.mjs';
import { retire, startSide } from '../workers.mjs';

/** Concurrency of the worker, where both are one process: ours at the default. */
const inProcess = {
  bullmq: 50,
  'navette-store': 50,
  'navette-bullmq': 50,
  'navette-embedded': 50,
  'graphile-worker': 24,
  'graphile-worker-batched': 24,
  'pg-boss-polling': 500,
};
const overHttp = ['navette-store', 'navette-bullmq', 'navette-embedded'];

export const latency = {
  name: 'latency',
  title: 'Latency: from submitted to completed',
  about: 'submit → completed, idle and at half of capacity, in one process and over HTTP',
  sides: Object.keys(inProcess),
  quickSides: ['bullmq', 'navette-store', 'navette-bullmq'],
  phases: [measure],
};

function measure({ quick, sides, rounds }) {
  return sides.flatMap((side) => [
    // pg-boss by default takes more than a minute for what the others do in seconds.
    measurement({
      quick,
      side,
      way: 'process',
      rounds: side === 'pg-boss-polling' ? 1 : rounds,
      run: measureInProcess,
    }),
    ...(overHttp.includes(side) ? [measurement({ quick, side, way: 'http', rounds, run: measureOverHttp })] : []),
  ]);
}

function measurement({ quick, side, way, rounds, run }) {
  const id = `latency ${way} ${side}`;
  const figures = ['idle', 'flood', 'half'].map((load) => ({
    id: `${id} ${load}`,
    section: 'latency',
    side,
    way,
    load,
  }));
  return { id, side, rounds, figures, run: (servers) => run(servers, side, quick ? 0.3 : 3) };
}

/** First some thousand tasks: what is idle has been at work before, and its code is compiled. */
const warmUp = { lanes: 64 };
/** Idle: one task at a time, fifty times a second, so that everybody has gone to sleep before the next. */
const idle = { lanes: 1, perSecond: 50 };
/** All that it takes: so many tasks are under way at any time. */
const flood = { lanes: 500 };

async function measureInProcess(servers, side, seconds) {
  const child = startSide(servers, side);
  const play = async (plan) => {
    const endCpuCount = await startCpuCount({ worker: child.pid, ...servers.pids });
    const sample = await child.call('roundTrips', plan);
    return { ...sample, ...(await endCpuCount(sample.perSecond * plan.seconds)) };
  };
  try {
    await child.call('open');
    await child.call('work', { concurrency: inProcess[side] });
    await child.call('roundTrips', { ...warmUp, seconds });
    return await idleFloodHalf(play, { idle, flood, half: { lanes: 2_000 } }, seconds);
  } finally {
    await retire(child);
  }
}

async function measureOverHttp(servers, side, seconds) {
  const service = await startService(servers, side, { workers: 1 });
  const load = startLoad(servers, service);
  const body = JSON.stringify({ type: 'demo.echo', payload: { n: 1 } });
  const play = ({ lanes: connections, ...plan }) =>
    load.play({ path: '/submit-task', headers: { Prefer: 'wait=30' }, body, connections, ...plan }, [200]);
  try {
    await play({ ...warmUp, seconds });
    return await idleFloodHalf(play, { idle, flood: { lanes: 128 }, half: { lanes: 256 } }, seconds);
  } finally {
    await Promise.all([load.stop(), service.stop()]);
  }
}

async function idleFloodHalf(play, plans, seconds) {
  const whenIdle = await calmest(() => play({ ...plans.idle, seconds }));
  const atMost = await play({ ...plans.flood, seconds: seconds / 2 });
  const atHalf = await play({ ...plans.half, perSecond: atMost.perSecond / 2, seconds });
  return [whenIdle, atMost, atHalf];
}

/** Of the machine's time, percent: a host that takes more of an idle machine delays each waking, and that is what is timed. */
const stolenAtMost = 2;
const calmTries = 5;

/** The first sample from which the host took next to nothing; of some, the one from which it took least. */
async function calmest(measure) {
  const samples = [];
  while (samples.length < calmTries) {
    const sample = await measure();
    if (!(sample.cpu.stolen > stolenAtMost)) return sample;
    samples.push(sample);
  }
  return samples.toSorted((a, b) => a.cpu.stolen - b.cpu.stolen)[0];
}
