// What is wrong with the figures of a run: nothing may be lost, everything resumes in time, and no fault was in vain.
import { sum } from './figures.mjs';

/** A worker must go on by itself this soon after what it needs is back, ms. */
const resumeWithinMs = 10_000;
/** No submission may wait longer for its answer, whatever is away, ms; in a quick run two set-ups share the machine. */
const answerWithinMs = { quick: 2_000, long: 1_000 };
/** The API refuses what PostgreSQL has not committed by then, ms; a machine that keeps either waiting uses that up. */
const patienceMs = 800;
/** How much wider the bounds are for each ms that the machine kept a process waiting meanwhile: servers waited as well. */
const indulgence = 2;
/** Circumstances that say nothing of the promises: there was nobody to answer, or they changed meanwhile. */
const excused = ['process frozen', 'a change'];

/**
 * @param {import('./figures.mjs').Figures} figures
 * @param {boolean} quick whether it was a quick run
 * @returns {string[]} what is wrong
 */
export function problemsOf({ name, findings, faults, answers, starvation }, quick) {
  const slackMs = (from, to) => indulgence * starvation.between(from, to);
  // Embedded, the process that would answer is the one that everything is done to.
  const judged = answers.filter(({ circumstance }) =>
    name === 'embedded' ? circumstance === 'all well' : !excused.includes(circumstance),
  );
  return [
    ...findings.lost.map((text) => `lost: ${text}`),
    ...findings.overwritten.map((text) => `overwritten: ${text}`),
    ...findings.inconsistent.map((text) => `inconsistent: ${text}`),
    ...faults.flatMap((figures) => faultProblems(figures, slackMs)),
    ...judged.flatMap((answered) => answerProblems(answered, answerWithinMs[quick ? 'quick' : 'long'], slackMs)),
  ];
}

/** @param {import('./figures.mjs').FaultFigures} figures */
function faultProblems({ fault, effects, recoveries, broken }, slackMs) {
  const { name, effect, eachAtLeast = 0, background } = fault;
  const problems = [...broken];
  if (sum(effects) === 0) problems.push(`had no effect (${effect})`);
  for (const each of effects) {
    if (each < eachAtLeast) problems.push(`${each} ${effect}, at least ${eachAtLeast} wanted`);
  }
  // What is done in the background is followed by whatever comes next: that may well be an outage.
  if (!background) problems.push(...recoveries.flatMap((recovery) => recoveryProblems(fault, recovery, slackMs)));
  return problems.map((problem) => `${name}: ${problem}`);
}

/** @param {import('./figures.mjs').Recovery} recovery */
function recoveryProblems({ handsOverWithinMs = 0 }, recovery, slackMs) {
  const { backAt, firstMs, waitingMs, unusedMs, againMs } = recovery;
  // How long a process takes to start is the machine's affair.
  const resumesWithinMs = resumeWithinMs + recovery.startingMs;
  const problems = [];
  const check = (what, ms, withinMs, meanwhileMs = ms) => {
    if (ms > withinMs + slackMs(backAt, backAt + meanwhileMs)) problems.push(`${what} ${Math.round(ms)} ms`);
  };
  if (firstMs === undefined || ('allMs' in recovery && recovery.allMs === undefined))
    problems.push('somebody never completed anything again');
  check('work was completed only after', firstMs, resumesWithinMs);
  check('the last worker resumed only after', recovery.allMs, resumesWithinMs);
  // What has gathered may take longer than that, but then with every slot at work.
  const takesUpWithinMs = Math.max(resumesWithinMs, handsOverWithinMs);
  check('while something waited slots were free for', unusedMs, takesUpWithinMs, waitingMs);
  check('the last was handed over again only after', againMs, handsOverWithinMs);
  return problems;
}

function answerProblems({ circumstance, slow, refused, unreachable }, withinMs, slackMs) {
  const problems = slow
    .filter(({ from, to }) => to - from > withinMs + slackMs(from, to))
    .map(({ from, to }) => `a submission was not answered for ${Math.round(to - from)} ms`);
  if (circumstance === 'all well' || circumstance.startsWith('Redis')) {
    const unexcused = refused.filter(({ from, to }) => slackMs(from, to) < patienceMs);
    problems.push(...unexcused.map(({ from, to }) => `a submission was refused after ${Math.round(to - from)} ms`));
    if (unreachable > 0) problems.push(`${unreachable} submissions found nobody`);
  }
  return problems.map((problem) => `${circumstance}: ${problem}`);
}
