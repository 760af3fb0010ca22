// A backlog worked off by one process.
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMb, startCpuCount } from '../cpu.mjs';
import { rateOf, retire, startSide } from '../workers.mjs';

/** For a part of it, and for a million tasks; beyond it something is wrong, ms. */
const partWithinMs = 60_000;
const allWithinMs = 400_000;
/** How often the worker's memory is looked at, ms. */
const lookEveryMs = 250;
/** When no task has ended for so long, none is left, ms. */
const quietMs = 1_000;

/**
 * Has a worker end `before` tasks, and `part` more, which are timed.
 * @returns perSecond, and who used how much CPU
 */
export function workOff(servers, { part, before, ...plan }) {
  return working(servers, plan, async ({ words, beganAt, cpuCounted }) => {
    const giveUpAt = performance.now() + partWithinMs;
    while (endedBy(words) < before + part) {
      if (performance.now() > giveUpAt) throw new Error(`only ${endedBy(words)} tasks ended`);
      await sleep(5);
    }
    return {
      perSecond: rateOf(words, { beganAt, afterEnded: before, untilEnded: before + part }),
      ...(await cpuCounted()),
    };
  });
}

/**
 * Has a worker end all that is left.
 * @returns perSecond; memory: by how many had ended, MB; heapMb: what is alive in the end; diskBytes
 */
export function workOffAll(servers, plan) {
  return working(servers, plan, async ({ worker, words, beganAt }) => {
    const memory = [];
    const giveUpAt = performance.now() + allWithinMs;
    const isQuiet = () => performance.timeOrigin + performance.now() - (words.at(-1)?.at ?? beganAt) > quietMs;
    while (!isQuiet()) {
      if (performance.now() > giveUpAt) throw new Error(`not at an end after ${endedBy(words)} tasks`);
      memory.push({ ended: endedBy(words), rssMb: await residentMb(worker.pid) });
      await sleep(lookEveryMs);
    }
    const { heapMb } = await worker.call('memory');
    return {
      perSecond: rateOf(words, { beganAt, afterEnded: 1 }),
      memory,
      heapMb,
      diskBytes: await worker.call('bytes'),
    };
  });
}

/** How many have ended by the last word. */
const endedBy = (words) => words.at(-1)?.ended ?? 0;

/** Starts a worker for `use`; `words` is what it has told so far, the latest at the end. */
async function working(servers, { side, concurrency }, use) {
  const words = [];
  const worker = startSide(servers, side, { onTold: (word) => words.push(word) });
  try {
    await worker.call('open');
    const endCpuCount = await startCpuCount({ worker: worker.pid, ...servers.pids });
    const beganAt = performance.timeOrigin + performance.now();
    await worker.call('work', { concurrency });
    return await use({ worker, words, beganAt, cpuCounted: () => endCpuCount(endedBy(words)) });
  } finally {
    await retire(worker);
  }
}
