// The promises, checked task by task. Each check answers with what is wrong.
import { isTerminal, legalMoves } from '@navette/domain';

const counted = ['completed', 'failed', 'timed_out', 'lost'];
const endsOf = { completed: ['completed'], failed: ['failed', 'timed_out', 'lost'] };

/**
 * @typedef {object} Findings
 * @property {string[]} lost accepted tasks that are not there, or not over
 * @property {string[]} overwritten terminal states that were left although nobody asked for it
 * @property {string[]} inconsistent everything else
 */

/**
 * @param {import('./audit.mjs').Audit} audit
 * @param {import('./load.mjs').Load} load
 * @param {Map<string, string | undefined>} overHttp the state of each task as the API tells it
 * @returns {Findings}
 */
export function checkPromises(audit, load, overHttp) {
  const findings = { lost: [], overwritten: [], inconsistent: [] };
  const accepted = new Set(load.accepted);
  for (const id of accepted) if (!audit.tasks.has(id)) findings.lost.push(`${id} was accepted and is not there`);
  for (const task of audit.tasks.values()) {
    // What was never answered for must come to its end as well.
    if (!isTerminal(task.state))
      findings.lost.push(`${task.id} is ${task.state}${accepted.has(task.id) ? '' : ', its answer was lost'}`);
    const moves = audit.moves.get(task.id) ?? [];
    const attempts = audit.attempts.get(task.id) ?? [];
    const about = (problem) => `${task.id} (${task.type}, ${task.state}): ${problem}`;
    findings.overwritten.push(...overwritesOf(moves, load.retries.get(task.id)).map(about));
    const problems = [
      ...moveProblems(task, moves),
      ...attemptProblems(task, attempts, moves),
      ...runProblems(audit.runs.get(task.id), attempts),
    ];
    findings.inconsistent.push(...problems.map(about));
  }
  for (const { id, state } of audit.tasks.values()) {
    const told = overHttp.get(id);
    if (told !== state) findings.inconsistent.push(`${id} is ${state}, the API says ${told}`);
  }
  for (const [key, ids] of load.idsOfKeys) {
    if (ids.size > 1) findings.inconsistent.push(`the idempotency key ${key} stands for ${[...ids].join(' and ')}`);
  }
  for (const [id, { granted }] of load.retries) {
    const retried = (audit.moves.get(id) ?? []).filter(isRetry).length;
    if (retried < granted) findings.inconsistent.push(`${id}: ${granted} retries were granted, ${retried} happened`);
  }
  findings.inconsistent.push(...load.wrong.map((answer) => `wrong answer: ${answer}`));
  return findings;
}

function isRetry({ before, after }) {
  return before !== null && isTerminal(before) && after === 'queued';
}

function overwritesOf(moves, { sent } = { sent: 0 }) {
  const left = moves.filter(({ before }) => before !== null && isTerminal(before));
  const problems = left.filter((move) => !isRetry(move)).map(({ before, after }) => `went from ${before} to ${after}`);
  const retried = left.filter(isRetry).length;
  if (retried > sent) problems.push(`was queued again ${retried} times, asked for ${sent} times`);
  return problems;
}

function moveProblems({ state }, moves) {
  const problems = [];
  let at = null;
  let dispatch = 0;
  for (const { before, after, ...move } of moves) {
    if (before !== at) problems.push(`moved from ${before}, but was ${at}`);
    const stays = before === after && after === 'queued' && move.dispatch === dispatch + 1;
    const legal = before === null || legalMoves[before].includes(after) || stays;
    if (!legal) problems.push(`moved from ${before} to ${after}`);
    if (move.dispatch < dispatch) problems.push(`its dispatch went from ${dispatch} to ${move.dispatch}`);
    at = after;
    dispatch = move.dispatch;
  }
  if (at !== state) problems.push(`its last move was to ${at}`);
  return problems;
}

function attemptProblems({ state, attempt, spent, max_attempts: most }, attempts, moves) {
  const problems = [];
  const numbers = attempts.map(({ number }) => number);
  if (numbers.some((number, i) => number !== i + 1)) problems.push(`attempts ${numbers.join(', ')}`);
  if (attempt !== attempts.length) problems.push(`is at attempt ${attempt}, has ${attempts.length}`);
  // Attempts of its present life: since the last retry that somebody asked for.
  const lived = attempts.slice(moves.findLast(isRetry)?.attempt ?? 0);
  const due = lived.filter(({ outcome }) => counted.includes(outcome)).length;
  if (spent !== due) problems.push(`has spent ${spent}, its attempts amount to ${due}`);
  if (spent > most) problems.push(`has spent ${spent} of ${most}`);
  const completed = lived.filter(({ outcome }) => outcome === 'completed').length;
  if (completed !== (state === 'completed' ? 1 : 0)) problems.push(`${completed} attempts completed`);
  const last = lived.at(-1)?.outcome;
  if (endsOf[state] && !endsOf[state].includes(last)) problems.push(`its last attempt was ${last}`);
  const claims = moves.filter(({ before, after }) => before === 'queued' && after === 'running').length;
  if (claims !== attempts.length) problems.push(`was claimed ${claims} times, has ${attempts.length} attempts`);
  return problems;
}

function runProblems(runs, attempts) {
  if (!runs) return [];
  const problems = [];
  if (new Set(runs.started).size < runs.started.length)
    problems.push(`handler runs ${runs.started.join(', ')}: one twice`);
  if (runs.started.some((number) => number > attempts.length))
    problems.push('its handler ran an attempt that is not recorded');
  return problems;
}

/**
 * Why handlers ran more than once: how many runs followed on an attempt that came out so, and how many tasks that is.
 * @param {import('./audit.mjs').Audit} audit
 */
export function countReruns(audit) {
  const reruns = { lost: 0, interrupted: 0, failed: 0, asked: 0, tasks: 0, endedTwice: 0 };
  for (const [id, runs] of audit.runs) {
    const attempts = audit.attempts.get(id) ?? [];
    const before = reruns.lost + reruns.interrupted;
    for (const number of runs.started) {
      const previous = attempts[number - 2]?.outcome;
      if (previous === undefined) continue;
      if (previous === 'lost' || previous === 'interrupted') reruns[previous]++;
      else if (previous === 'completed' || previous === 'cancelled') reruns.asked++;
      else reruns.failed++;
    }
    if (reruns.lost + reruns.interrupted > before) reruns.tasks++;
    if (endsInOneLife(audit.moves.get(id) ?? [], runs.ended) > 1) reruns.endedTwice++;
  }
  return reruns;
}

/** How often a handler came to its end within one life of its task, at most. */
function endsInOneLife(moves, ended) {
  const borders = moves.filter(isRetry).map(({ attempt }) => attempt);
  const lives = [0, ...borders].map((from, i) =>
    ended.filter((number) => number > from && number <= (borders[i] ?? Infinity)),
  );
  return Math.max(...lives.map((life) => life.length));
}
