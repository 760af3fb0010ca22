// What is wrong with the figures of a run: nothing may be lost, everything resumes in time, and no fault was in vain.
import { sum } from './figures.mjs';

/** A worker must go on by itself this soon after what it needs is back, ms. */
const resumeWithinMs = 10_000;
/** No submission may wait longer for its answer, whatever is away, ms. */
const answerWithinMs = 1_000;
/** How much wider the bounds are for each ms that the machine kept the suite itself waiting. */
const indulgence = 3;
/** Circumstances that say nothing of the promises: there was nobody to answer, or they changed meanwhile. */
const excused = ['process frozen', 'a change'];

/**
 * @param {import('./figures.mjs').Figures} figures
 * @returns {string[]} what is wrong
 */
export function problemsOf({ name, findings, faults, answers, lagMs }) {
  const slackMs = indulgence * lagMs;
  // Embedded, the process that would answer is the one that everything is done to.
  const judged = answers.filter(({ circumstance }) =>
    name === 'embedded' ? circumstance === 'all well' : !excused.includes(circumstance),
  );
  return [
    ...findings.lost.map((text) => `lost: ${text}`),
    ...findings.overwritten.map((text) => `overwritten: ${text}`),
    ...findings.inconsistent.map((text) => `inconsistent: ${text}`),
    ...faults.flatMap((figures) => faultProblems(figures, slackMs)),
    ...judged.flatMap((answered) => answerProblems(answered, slackMs)),
  ];
}

/** @param {import('./figures.mjs').FaultFigures} figures */
function faultProblems({ fault, effects, firstMs, allMs, broken }, slackMs) {
  const { name, effect, eachAtLeast = 0, background } = fault;
  const problems = broken.map((text) => `${name}: ${text}`);
  if (sum(effects) === 0) problems.push(`${name}: had no effect (${effect})`);
  for (const each of effects) {
    if (each < eachAtLeast) problems.push(`${name}: ${each} ${effect}, at least ${eachAtLeast} wanted`);
  }
  // What is done in the background is followed by whatever comes next: that may well be an outage.
  for (const ms of background ? [] : [...firstMs, ...allMs]) {
    if (ms === undefined) problems.push(`${name}: somebody never completed anything again`);
    else if (ms > resumeWithinMs + slackMs) problems.push(`${name}: somebody resumed only after ${Math.round(ms)} ms`);
  }
  return problems;
}

function answerProblems({ circumstance, slowestMs, hung, unavailable, unreachable }, slackMs) {
  const problems = [];
  if (slowestMs > answerWithinMs + slackMs) problems.push(`an answer took ${Math.round(slowestMs)} ms`);
  if (hung > 0) problems.push(`${hung} submissions were never answered`);
  const mustKeep = circumstance === 'all well' || circumstance.startsWith('Redis');
  if (mustKeep && unavailable + unreachable > 0)
    problems.push(`${unavailable + unreachable} submissions were not kept`);
  return problems.map((problem) => `${circumstance}: ${problem}`);
}
