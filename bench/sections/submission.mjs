// How fast tasks are taken in: over HTTP, and in the process of whoever submits.
import { startCpuCount } from '../cpu.mjs';
import { measureHttpSubmission } from '../http/submission.mjs';
import { retire, startSide } from '../workers.mjs';

const overHttp = ['stub', 'naive', 'one-by-one', 'navette-store', 'navette-bullmq', 'navette-embedded'];
const inProcess = ['bullmq', 'navette-store', 'navette-bullmq', 'navette-embedded', 'graphile-worker', 'pg-boss'];

export const submission = {
  name: 'submission',
  title: 'Submission: tasks taken in',
  about: 'tasks taken in: over HTTP and in process, one by one and in bulk',
  sides: [...new Set([...overHttp, ...inProcess])],
  quickSides: [
    'stub',
    'naive',
    'one-by-one',
    'bullmq',
    'navette-store',
    'navette-bullmq',
    'graphile-worker',
    'pg-boss',
  ],
  phases: [measure],
};

function measure({ quick, sides, rounds }) {
  // The spread over HTTP is the widest.
  const often = 2 * rounds - 1;
  return [
    ...sides.filter((side) => overHttp.includes(side)).map((side) => httpMeasurement({ quick, side, rounds: often })),
    ...sides.filter((side) => inProcess.includes(side)).map((side) => processMeasurement({ quick, side, rounds })),
  ];
}

/** One server, all loads: single requests on 1, 64 and 256 connections, then a hundred tasks per request. */
function httpMeasurement({ quick, side, rounds }) {
  const single = quick ? [64] : [1, 64, 256];
  const loads = [...single.map((connections) => ({ connections, tasks: 1 })), { connections: 16, tasks: 100 }];
  return {
    id: `submission http ${side}`,
    side,
    rounds,
    figures: loads.map(({ connections, tasks }) => ({
      id: `submission http ${side} ${connections} × ${tasks}`,
      section: 'submission',
      way: 'http',
      side,
      connections,
      tasks,
    })),
    run: (servers) =>
      measureHttpSubmission(servers, { side, loads, seconds: quick ? 0.3 : 2, warmUpSeconds: quick ? 0.2 : 1 }),
  };
}

/** One process, all ways: one at a time, 64 at a time, and many in one call. */
function processMeasurement({ quick, side, rounds }) {
  const seconds = quick ? 0.2 : 1.2;
  const ways = [
    ...(quick ? [] : [{ call: 'submitSingle', lanes: 1 }]),
    { call: 'submitSingle', lanes: 64 },
    { call: 'submitBulk', lanes: 1, size: 1000 },
    ...(quick ? [] : [{ call: 'submitBulk', lanes: 4, size: 1000 }]),
  ];
  return {
    id: `submission in-process ${side}`,
    side,
    rounds,
    figures: ways.map(({ lanes, size = 1 }) => ({
      id: `submission in-process ${side} ${lanes} × ${size}`,
      section: 'submission',
      way: 'process',
      side,
      connections: lanes,
      tasks: size,
    })),
    async run(servers) {
      const child = startSide(servers, side);
      try {
        await child.call('open');
        const samples = [];
        // What comes first would be measured while the code is still being compiled.
        await child.call('submitSingle', { lanes: 16, seconds: seconds / 2 });
        for (const { call, ...way } of ways) {
          const endCpuCount = await startCpuCount({ submitter: child.pid, ...servers.pids });
          const sample = await child.call(call, { ...way, seconds });
          samples.push({ ...sample, ...(await endCpuCount(sample.perSecond * seconds)) });
        }
        return samples;
      } finally {
        await retire(child);
      }
    },
  };
}
