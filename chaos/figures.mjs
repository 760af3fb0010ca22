// What a run has come to, in numbers.
import { isTerminal } from '@navette/domain';
import { checkPromises, countReruns } from './checks.mjs';

/**
 * Everything that is left of a run.
 * @typedef {object} Remains
 * @property {string} name of the set-up
 * @property {import('./audit.mjs').Audit} audit
 * @property {import('./load.mjs').Load} load
 * @property {import('./schedule.mjs').Done[]} done
 * @property {Map<string, string>} overHttp the state of each task as the API tells it
 * @property {number} refused late results that were dropped
 * @property {number} seconds
 * @property {import('./starvation.mjs').Starvation} starvation how long the machine has kept processes waiting
 */

/**
 * How it went on after one fault, from `backAt` on. A time is undefined where it never did, or where nothing of the kind was waited for.
 * @typedef {object} Recovery
 * @property {number} backAt ms since 1970
 * @property {number | undefined} firstMs until the first attempt ended that had begun since
 * @property {number | undefined} allMs until every worker had ended one; absent where none was waited for
 * @property {number | undefined} waitingMs until the last of the urgent tasks that were queued was taken up
 * @property {number | undefined} againMs until the last of the tasks that were queued was handed over again
 * @property {number} startingMs until the processes that it had ended were there again
 * @property {number | undefined} unusedMs how much of `waitingMs` the workers' slots for urgent tasks were free, on average
 */

/**
 * All occurrences of one kind of fault together.
 * @typedef {object} FaultFigures
 * @property {import('./faults/fault.mjs').Fault} fault
 * @property {number[]} effects of each occurrence
 * @property {Recovery[]} recoveries of each occurrence
 * @property {string[]} broken promises
 */

/** What happens later than this, or after the next fault that is done alone, is not because of a fault, ms. */
const aftermathMs = 20_000;

/** @typedef {ReturnType<typeof figuresOf>} Figures */

/** @param {Remains} remains */
export function figuresOf({ audit, load, done, overHttp, ...rest }) {
  const kinds = [...new Set(done.map(({ fault }) => fault))];
  return {
    ...rest,
    accepted: load.accepted.length,
    terminal: load.accepted.filter((id) => isTerminal(audit.task(id)?.state)).length,
    findings: checkPromises(audit, load, overHttp),
    reruns: countReruns(audit),
    redispatched: audit.redispatched,
    times: done.length,
    faults: kinds.map((fault) => faultFigures(fault, audit, done)),
    answers: [...load.answers].map(([circumstance, answers]) => ({ circumstance, ...answers })),
  };
}

/** @returns {FaultFigures} */
function faultFigures(fault, audit, done) {
  const occurrences = done.filter((each) => each.fault === fault);
  return {
    fault,
    effects: occurrences.map((each) => each.effect ?? fault.effectOf(each, audit)),
    recoveries: occurrences.map((each) => recoveryOf(each, audit, done)),
    broken: occurrences.flatMap((each) => fault.problemsOf?.(each, audit) ?? []),
  };
}

/** @returns {Recovery} */
function recoveryOf({ fault, backAt, upAt, workers, slots }, audit, done) {
  const endAt = (others) =>
    Math.min(...others.map(({ struckAt }) => struckAt).filter((at) => at > backAt), backAt + aftermathMs);
  // Those that forget nothing do not end what one that does has begun.
  const forgetful = done.filter((each) => each.fault.handsOverWithinMs !== undefined);
  const waitingMs = fault.background ? undefined : audit.takenUpAfter(backAt, endAt(done));
  return {
    backAt,
    firstMs: audit.recoveredAfter(backAt),
    ...(workers.length > 0 && { allMs: slowest(workers.map((worker) => audit.recoveredAfter(backAt, worker))) }),
    waitingMs,
    unusedMs: waitingMs && audit.unusedFrom(backAt, backAt + waitingMs, slots),
    againMs: forgetful.some((each) => each.fault === fault)
      ? audit.handedOverAfter(backAt, endAt(forgetful))
      : undefined,
    startingMs: upAt - backAt,
  };
}

function slowest(times) {
  return times.includes(undefined) ? undefined : Math.max(...times);
}

/** The sum of some numbers. */
export function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
