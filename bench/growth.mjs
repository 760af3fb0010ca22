// One side with much in it: submission and processing on top of it, and what that takes of memory and disk.
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMb, startCpuCount } from './cpu.mjs';
import { rateOf, retire, startSide } from './workers.mjs';

/** Each side at about its best. */
const concurrencyOf = { 'graphile-worker-batched': 24 };
const byDefault = 300;

/**
 * @param waiting how many tasks wait, `history`: how many have ended, when the measurement begins
 * @param warmUp how many more tasks there are, worked off before the time is taken: a worker that has just begun is slower
 * @param through whether all that waits is worked off; else for `limitMs`
 * @param pages what else is to be measured while the history is there; answers with further samples
 */
export async function measureGrowth(servers, { side, waiting, history, warmUp, through, seconds, limitMs, pages }) {
  const filler = startSide(servers, side);
  let filled;
  try {
    await filler.call('open');
    filled = await fill(servers, filler, { waiting: waiting + warmUp, history });
    filled.further = await pages();
    await filler.call('submitSingle', { lanes: 16, seconds: seconds / 2 });
    filled.submission = await filler.call('submitSingle', { lanes: 64, seconds });
  } finally {
    await retire(filler);
  }
  const worked = await workOff(servers, { side, waiting, warmUp, through, limitMs });
  const { further, submission, ...sizes } = filled;
  return [{ ...worked, ...sizes, submittedPerSecond: submission.perSecond }, ...further];
}

async function fill(servers, filler, { waiting, history }) {
  const [empty, emptyRedis] = [await filler.call('bytes'), await servers.redisBytes()];
  if (history > 0) await filler.call('fillHistory', history);
  await filler.call('fill', waiting);
  await filler.call('tidy');
  const [full, fullRedis] = [await filler.call('bytes'), await servers.redisBytes()];
  return {
    diskBytesPerTask: full && (full - empty) / (waiting + history),
    redisBytesPerTask: (fullRedis - emptyRedis) / waiting,
  };
}

/** For a million tasks; beyond it something is wrong, ms. */
const throughWithinMs = 300_000;
/** How often the worker's memory is looked at, ms. */
const lookEveryMs = 250;

async function workOff(servers, { side, waiting, warmUp, through, limitMs }) {
  const words = [];
  let enough = () => {};
  const done = new Promise((resolve) => {
    enough = resolve;
  });
  const worker = startSide(servers, side, {
    nodeFlags: ['--expose-gc'],
    onTold: (word) => {
      words.push(word);
      if (word.ended >= waiting + warmUp) enough();
    },
  });
  const memory = [];
  const endedNow = () => words.at(-1)?.ended ?? 0;
  try {
    await worker.call('open');
    const endCpuCount = await startCpuCount({ worker: worker.pid, ...servers.pids });
    const beganAt = performance.timeOrigin + performance.now();
    await worker.call('work', { concurrency: concurrencyOf[side] ?? byDefault });
    const looking = setInterval(async () => {
      memory.push({ ended: endedNow(), rssMb: await residentMb(worker.pid) });
    }, lookEveryMs);
    await Promise.race([done, sleep(through ? throughWithinMs : limitMs, undefined, { ref: false })]);
    clearInterval(looking);
    if (through && endedNow() < waiting + warmUp) throw new Error(`only ${endedNow()} tasks ended`);
    const cpu = await endCpuCount(endedNow());
    return {
      perSecond: rateOf(words, { beganAt, afterEnded: warmUp, limitMs }),
      ...cpu,
      memory,
      course: courseOf(words),
      ...(await worker.call('memory')),
    };
  } finally {
    await retire(worker);
  }
}

/** How far it was at each full second. */
function courseOf(words) {
  const bySecond = new Map(words.map(({ at, ended }) => [Math.floor((at - words[0].at) / 1000), ended]));
  return [...bySecond].map(([second, ended]) => ({ second, ended }));
}
