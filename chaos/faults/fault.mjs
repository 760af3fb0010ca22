// What a fault is.

/**
 * One time that a fault was done.
 * @typedef {object} Occurrence
 * @property {number} [struckAt] when it began, ms since 1970; default: when it was asked for
 * @property {number} backAt when all was whole again, ms since 1970; recovery counts from here
 * @property {string[]} [victims] ids of the workers it struck
 * @property {string[]} [tasks] ids of tasks that belong to it
 * @property {number} [effect] what it did, where that is known at once
 */

/**
 * A kind of fault.
 * @typedef {object} Fault
 * @property {string} name
 * @property {readonly string[]} setUps where it can be done
 * @property {(installation: import('../installation.mjs').Installation) => boolean} [isPossible] default: always
 * @property {string} effect what is counted to show that it struck
 * @property {number} [eachAtLeast] each time; default: 1 in all its times together
 * @property {number} [handsOverWithinMs] so soon everything it has made the broker forget must be handed over again, ms
 * @property {readonly string[]} [quickSetUps] those of them where it is done in quick runs; default: all
 * @property {boolean} [background] others may be done meanwhile
 * @property {boolean} [breaksLeases] renewals may fail: nobody is declared lost for a lease
 * @property {(installation: import('../installation.mjs').Installation, chance: import('../random.mjs').Chance) => Promise<Occurrence>} run
 * @property {(occurrence: Occurrence, audit: import('../audit.mjs').Audit) => number} [effectOf] where only the audit knows it
 * @property {(occurrence: Occurrence, audit: import('../audit.mjs').Audit) => string[]} [problemsOf] promises it would break
 */

/** With servers and processes apart. */
export const apart = ['store', 'redis'];

/** A lease, another one after which somebody may judge, and some patience with a busy machine, ms. */
export const takenOverWithinMs = 90_000;

/** Runs something under a circumstance; gives how many submissions were answered so in it. */
export async function under(load, circumstance, kind, work) {
  const count = () => load.answers.get(circumstance)?.[kind] ?? 0;
  const [outer, before] = [load.circumstance, count()];
  load.circumstance = circumstance;
  try {
    await work();
  } finally {
    load.circumstance = outer;
  }
  return count() - before;
}
