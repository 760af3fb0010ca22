// A large backlog worked off by one process, whose memory is watched.
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMb, startCpuCount } from '../cpu.mjs';
import { rateOf, retire, startSide } from '../workers.mjs';

/** How often the worker's memory is looked at, ms. */
const lookEveryMs = 250;
/** For a million tasks; beyond it something is wrong, ms. */
const throughWithinMs = 400_000;

/**
 * @param before how many tasks are worked off before the time is taken, and `waiting` how many more there are
 * @param through whether all of those are worked off; else for `limitMs`
 */
export async function workOff(servers, { side, concurrency, waiting, before, through, limitMs }) {
  const words = [];
  const memory = [];
  const endedNow = () => words.at(-1)?.ended ?? 0;
  const milestones = [before, before + waiting].map((ended) => ({ ended, ...createSignal() }));
  const worker = startSide(servers, side, {
    onTold: (word) => {
      words.push(word);
      for (const { ended, raise } of milestones) if (word.ended >= ended) raise();
    },
  });
  try {
    await worker.call('open');
    const endCpuCount = await startCpuCount({ worker: worker.pid, ...servers.pids });
    const beganAt = performance.timeOrigin + performance.now();
    await worker.call('work', { concurrency });
    const looking = setInterval(async () => {
      memory.push({ ended: endedNow(), rssMb: await residentMb(worker.pid) });
    }, lookEveryMs);
    const [begun, done] = milestones.map(({ raised }) => raised);
    const enough = through ? [] : [begun.then(() => sleep(limitMs, undefined, { ref: false }))];
    await Promise.race([done, ...enough, sleep(throughWithinMs, undefined, { ref: false })]);
    clearInterval(looking);
    const used = await endCpuCount(endedNow());
    if (endedNow() < (through ? before + waiting : before)) throw new Error(`only ${endedNow()} tasks ended`);
    const perSecond = rateOf(words, { beganAt, afterEnded: before, limitMs });
    return { perSecond, ...used, memory, ...(await worker.call('memory')), diskBytes: await worker.call('bytes') };
  } finally {
    await retire(worker);
  }
}

function createSignal() {
  let raise = () => {};
  const raised = new Promise((resolve) => {
    raise = resolve;
  });
  return { raised, raise };
}
