// The tables that people and CI get at the end, in Markdown.
import { sum } from './figures.mjs';

const maxListed = 10;

/**
 * @param {import('./figures.mjs').Figures} figures
 * @param {readonly string[]} problems
 * @returns {string}
 */
export function reportOf(figures, problems) {
  const { name, times, seconds, starvation } = figures;
  const more = problems.length - maxListed;
  return [
    `${name}: ${times} faults in ${Math.round(seconds)} s; the machine kept a process waiting for ${starvation.worstMs} ms at once, at most`,
    promisesTable(figures),
    faultsTable(figures),
    answersTable(figures),
    ...problems.slice(0, maxListed).map((problem) => `PROBLEM ${problem}`),
    ...(more > 0 ? [`… and ${more} problems more`] : []),
  ].join('\n\n');
}

function promisesTable({ accepted, terminal, findings, reruns, redispatched, refused }) {
  const { lost, overwritten, inconsistent } = findings;
  const again = `${reruns.tasks} tasks: ${reruns.lost} runs after a loss, ${reruns.interrupted} after an interruption`;
  const columns = {
    accepted,
    terminal,
    lost: lost.length,
    overwritten: overwritten.length,
    inconsistent: inconsistent.length,
    'run again because of a fault': again,
    'of these, finished twice': reruns.endedTwice,
    'late results refused': refused,
    'handed over again': redispatched,
  };
  return table(Object.keys(columns), [Object.values(columns)]);
}

function faultsTable({ faults }) {
  const rows = faults.map(({ fault, effects, recoveries }) => ({
    fault: fault.name,
    times: effects.length,
    effect: `${sum(effects)} ${fault.effect}`,
    'first completion after': spread(recoveries, 'firstMs'),
    'every worker after': spread(recoveries, 'allMs'),
    'what waited after': spread(recoveries, 'waitingMs'),
    'slots free meanwhile': spread(recoveries, 'unusedMs'),
    'handed over again after': spread(recoveries, 'againMs'),
  }));
  // Without a broker apart nothing is ever handed over again.
  const head = Object.keys(rows[0] ?? {}).filter((column) => rows.some((row) => row[column] !== ''));
  return table(
    head,
    rows.map((row) => head.map((column) => row[column])),
  );
}

function answersTable({ answers }) {
  const rows = answers.map(({ circumstance, kept, unavailable, unreachable, hung, slowestMs }) => [
    circumstance,
    kept,
    unavailable,
    unreachable,
    hung,
    `${Math.round(slowestMs)} ms`,
  ]);
  return table(['submissions while', 'kept', '503', 'no connection', 'no answer in 10 s', 'slowest answer'], rows);
}

/** Median and worst. */
function spread(recoveries, what) {
  const times = recoveries.map((recovery) => recovery[what]).filter((ms) => ms !== undefined);
  if (times.length === 0) return '';
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  const inSeconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
  return sorted.length === 1 ? inSeconds(median) : `${inSeconds(median)}, at most ${inSeconds(sorted.at(-1))}`;
}

function table(head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => String(row[i]).length)));
  const line = (cells) => `| ${cells.map((cell, i) => String(cell).padEnd(widths[i])).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
