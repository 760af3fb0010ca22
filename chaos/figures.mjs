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
 * @property {number} lagMs what the suite itself was kept waiting by the machine, at most; bounds are that much wider
 */

/**
 * All occurrences of one kind of fault together.
 * @typedef {object} FaultFigures
 * @property {import('./faults/fault.mjs').Fault} fault
 * @property {number[]} effects of each occurrence
 * @property {(number | undefined)[]} firstMs until the first attempt ended that had begun since; undefined: never
 * @property {(number | undefined)[]} allMs until every worker had ended one
 * @property {string[]} broken promises
 */

/** @typedef {ReturnType<typeof figuresOf>} Figures */

/** @param {Remains} remains */
export function figuresOf({ audit, load, done, overHttp, ...rest }) {
  const kinds = [...new Set(done.map(({ fault }) => fault))];
  return {
    ...rest,
    accepted: load.accepted.length,
    terminal: load.accepted.filter(({ id }) => isTerminal(audit.task(id)?.state)).length,
    findings: checkPromises(audit, load, overHttp),
    reruns: countReruns(audit),
    redispatched: audit.redispatched,
    times: done.length,
    faults: kinds.map((fault) =>
      faultFigures(
        fault,
        audit,
        done.filter((each) => each.fault === fault),
      ),
    ),
    answers: [...load.answers].map(([circumstance, answers]) => ({ circumstance, ...answers })),
  };
}

/** @returns {FaultFigures} */
function faultFigures(fault, audit, occurrences) {
  return {
    fault,
    effects: occurrences.map((each) => each.effect ?? fault.effectOf(each, audit)),
    firstMs: occurrences.map(({ backAt }) => audit.recoveredAfter(backAt)),
    allMs: occurrences
      .filter(({ workers }) => workers.length > 0)
      .map(({ backAt, workers }) => slowest(workers.map((worker) => audit.recoveredAfter(backAt, worker)))),
    broken: occurrences.flatMap((each) => fault.problemsOf?.(each, audit) ?? []),
  };
}

function slowest(times) {
  return times.includes(undefined) ? undefined : Math.max(...times);
}

/** The sum of some numbers. */
export function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
