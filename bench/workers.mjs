// Working off what waits: one side, in one or several processes, timed from outside.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startCallee } from './child.mjs';
import { startCpuCount } from './cpu.mjs';

const script = fileURLToPath(new URL('./side-process.mjs', import.meta.url));

/** Starts a side in a process of its own. */
export function startSide(servers, side, { onTold } = {}) {
  const { databaseUrl, redisUrl, folder } = servers;
  const argv = [JSON.stringify({ side, servers: { databaseUrl, redisUrl, folder } })];
  return startCallee(script, { argv, onTold });
}

/**
 * Fills a queue with `count` tasks and has it worked off by `processes`, for `limitMs` at most. If all were done in that
 * time, the side has to show that it knows them as done.
 * @returns perSecond, and who used how much CPU
 */
export async function measureProcessing(servers, { side, count, concurrency, processes = 1, handlerMs, limitMs }) {
  const progress = createProgress(count);
  const workers = Array.from({ length: processes }, (_, index) =>
    startSide(servers, side, { onTold: (told) => progress.add(index, told) }),
  );
  try {
    const [first] = workers;
    // One after the other: peers that make their tables as they open get in each other's way.
    for (const worker of workers) await worker.call('open');
    await first.call('fill', count);
    const endCpuCount = await startCpuCount({ worker: workers.map(({ pid }) => pid), ...servers.pids });
    progress.begins();
    await Promise.all(workers.map((worker) => worker.call('work', { concurrency, handlerMs })));
    await Promise.race([progress.all, sleep(limitMs, undefined, { ref: false })]);
    const cpu = await endCpuCount(progress.ended);
    if (progress.ended === count) {
      progress.endsAt(await first.call('settled'));
      await first.call('check', count);
    }
    return { perSecond: progress.perSecond(), ...cpu };
  } finally {
    await Promise.all(workers.map(retire));
  }
}

/** How long a side may take to close in good order; what it leaves behind goes with its database. */
const closeMs = 1_000;

/** Ends a side's process. */
export async function retire(worker) {
  const closed = worker.call('close').catch(() => {});
  await Promise.race([closed, sleep(closeMs, undefined, { ref: false })]);
  await worker.stop('SIGKILL');
}

/** Adds up how many have ended, and when, over all processes. */
function createProgress(count) {
  const endedBy = [];
  const words = [];
  let beganAt;
  let finish = () => {};
  const all = new Promise((resolve) => {
    finish = resolve;
  });
  return {
    all,
    ended: 0,
    begins() {
      beganAt = performance.timeOrigin + performance.now();
    },
    add(index, { at, ended }) {
      endedBy[index] = ended;
      this.ended = endedBy.reduce((sum, of) => sum + (of ?? 0), 0);
      words.push({ at, ended: this.ended });
      if (this.ended === count) finish();
    },
    endsAt(at) {
      // Only what comes noticeably later than the last word: a question and its answer take a moment, too.
      if (at - words.at(-1).at > 50) words.push({ at, ended: this.ended });
    },
    perSecond: () => rateOf(words, { beganAt, afterEnded: count / 20 }),
  };
}

/**
 * Tasks per second by what a side told: from the word that `afterEnded` have ended, so that nobody's start counts, to the
 * one that `untilEnded` have, or to the last. Of what was over in one word, all the time since it began.
 */
export function rateOf(words, { beganAt, afterEnded, untilEnded = Number.POSITIVE_INFINITY }) {
  const first = words.find(({ ended }) => ended >= afterEnded) ?? words[0];
  const last = words.find(({ ended }) => ended >= untilEnded) ?? words.at(-1);
  if (!last) throw new Error('no task ended');
  const { at, ended } = last === first ? { at: beganAt, ended: 0 } : first;
  return ((last.ended - ended) * 1000) / (last.at - at);
}
