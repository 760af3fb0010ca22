// Which faults are done when. The seed decides; a quick run does each once, in the order in which they are listed.
import { setTimeout as sleep } from 'node:timers/promises';
import { faults } from './faults/index.mjs';
import { sum } from './figures.mjs';
import { createChance } from './random.mjs';

const settleMs = 1_500;
/** A worker must have resumed within this, or it is waited for no longer, ms. */
const patienceMs = 12_000;

/**
 * A fault that was done.
 * @typedef {import('./faults/fault.mjs').Occurrence & { fault: import('./faults/fault.mjs').Fault, workers: string[], slots: number, upAt: number }} Done
 * `workers`: ids of those that were to go on by themselves; `slots`: how many urgent tasks they run at once; `upAt`: when the last of them, or everything, was there
 */

/**
 * Does the faults of a set-up, one after another, those in the background beside them.
 * @param {import('./installation.mjs').Installation} installation
 * @param {{ quick: boolean, minutes: number, seed: number }} options
 * @returns {Promise<Done[]>}
 */
export async function doFaults(installation, { quick, minutes, seed }) {
  const chance = createChance(seed, 'schedule');
  const listed = faults.filter(({ setUps, quickSetUps = setUps }) =>
    (quick ? quickSetUps : setUps).includes(installation.name),
  );
  const own = listed.filter(({ isPossible }) => isPossible?.(installation) ?? true);
  for (const fault of listed) if (!own.includes(fault)) installation.say(`left out, not possible here: ${fault.name}`);
  const endsAt = performance.now() + minutes * 60_000;
  const done = [];
  const begun = new Map();
  for (let round = 1; round === 1 || (!quick && performance.now() < endsAt); round++) {
    const inOrder = quick ? (list) => list : (list) => chance.shuffle(list);
    const isOver = () => round > 1 && performance.now() >= endsAt;
    const [calm, rough] = [own.filter((fault) => !fault.breaksLeases), own.filter((fault) => fault.breaksLeases)];
    await doInTurn(inOrder(calm), isOver);
    await doInTurn(inOrder(rough), isOver);
  }
  return done;

  async function doInTurn(list, isOver) {
    const background = [];
    for (const fault of list) {
      if (isOver()) break;
      const alone = !fault.background || installation.name === 'embedded';
      const doing = doFault(fault, alone);
      if (!alone) background.push(doing);
      else await doing;
      await sleep(quick ? 300 : chance.between(500, 3_000));
    }
    await Promise.all(background);
  }

  async function doFault(fault, alone) {
    installation.say(fault.name);
    const startedAt = performance.now();
    if (alone) installation.load.circumstance = fault.name;
    const struckAt = Date.now();
    const time = (begun.get(fault) ?? 0) + 1;
    begun.set(fault, time);
    const occurrence = await fault.run(installation, createChance(seed, `${fault.name} ${time}`));
    const workers = alone ? await untilAllResumed(occurrence.backAt) : [];
    if (alone) installation.load.circumstance = 'all well';
    const upAt = Math.max(occurrence.backAt, ...workers.map(({ runningSince }) => runningSince));
    const slots = sum(workers.map((place) => place.slots));
    done.push({ fault, struckAt, ...occurrence, workers: workers.map(({ worker }) => worker), slots, upAt });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const effect = occurrence.effect === undefined ? '' : `, ${occurrence.effect} ${fault.effect}`;
    installation.say(`${fault.name}: over after ${seconds} s${effect}`);
  }

  /**
   * Waits until every worker that nothing is done to has ended an attempt begun since, and all that
   * waited was taken up; those workers' places.
   */
  async function untilAllResumed(since) {
    const { load } = installation;
    // Enough work at once that each of them gets some.
    await Promise.all(Array.from({ length: 60 }, () => load.submit({ type: 'chaos.work', payload: { ms: 100 } })));
    const resumed = async () => {
      const seen = await installation.workersSeenSince(since);
      const allSeen = installation.freeWorkers.every(({ worker }) => worker && seen.has(worker));
      return allSeen && (await installation.tookUpAllUrgent(since));
    };
    await installation.until('all workers have resumed', resumed, patienceMs).catch(() => {});
    await sleep(quick ? 0 : settleMs);
    return installation.freeWorkers.filter(({ worker }) => worker);
  }
}
