// What people and CI are told at the end.

/** A worker must go on by itself this soon after what it needs is back, ms. */
const resumeWithinMs = 10_000;
/** No submission may wait longer, whatever is away, ms. */
const answerWithinMs = 1_000;
/** Circumstances that say nothing of the promises: there is nobody to answer, or the circumstances changed meanwhile. */
const excused = ['process away', 'process frozen', 'a change'];
const maxListed = 10;

/**
 * @typedef {object} Result
 * @property {string} name of the set-up
 * @property {import('./audit.mjs').Audit} audit
 * @property {import('./load.mjs').Load} load
 * @property {import('./checks.mjs').Findings} findings
 * @property {ReturnType<typeof import('./checks.mjs').countReruns>} reruns
 * @property {import('./schedule.mjs').Done[]} done
 * @property {number} seconds
 * @property {number} lagMs what the suite itself was kept waiting by the machine, at most; bounds are that much wider
 */

/**
 * Prints the tables of one set-up.
 * @param {Result} result
 * @param {(text: string) => void} print
 * @returns {string[]} what is wrong
 */
export function report(result, print) {
  const { name, audit, load, findings, reruns, done, seconds, lagMs } = result;
  const faults = faultsOf(result);
  const problems = [
    ...findings.lost.map((text) => `lost: ${text}`),
    ...findings.overwritten.map((text) => `overwritten: ${text}`),
    ...findings.inconsistent.map((text) => `inconsistent: ${text}`),
    ...faults.flatMap((fault) => faultProblems(fault, lagMs)),
    ...answerProblems(name, load, lagMs),
  ];
  const over = load.accepted.filter(({ id }) =>
    ['completed', 'failed', 'cancelled', 'expired'].includes(audit.task(id)?.state),
  ).length;
  print(
    `\n${name}: ${done.length} faults in ${Math.round(seconds)} s; the machine kept the suite waiting for ${Math.round(lagMs)} ms at most\n`,
  );
  printTable(
    print,
    [
      'accepted',
      'terminal',
      'lost',
      'overwritten',
      'inconsistent',
      'run again after a fault',
      'ended twice',
      'handed over again',
    ],
    [
      [
        load.accepted.length,
        over,
        findings.lost.length,
        findings.overwritten.length,
        findings.inconsistent.length,
        `${reruns.tasks} tasks (${reruns.lost} lost, ${reruns.interrupted} interrupted)`,
        reruns.endedTwice,
        audit.redispatched,
      ],
    ],
  );
  print('');
  printTable(
    print,
    ['fault', 'times', 'effect', '', 'first completion after', 'every worker after'],
    faults.map((fault) => [
      fault.name,
      fault.times,
      fault.effect,
      fault.unit,
      spread(fault.firstMs),
      spread(fault.allMs),
    ]),
  );
  print('');
  printTable(
    print,
    ['submissions while', 'kept', '503', 'no connection', 'no answer', 'slowest answer'],
    [...load.answers].map(([under, a]) => [
      under,
      a.kept,
      a.unavailable,
      a.unreachable,
      a.hung,
      `${Math.round(a.slowestMs)} ms`,
    ]),
  );
  print('');
  for (const problem of problems.slice(0, maxListed)) print(`  PROBLEM ${problem}`);
  if (problems.length > maxListed) print(`  … and ${problems.length - maxListed} more`);
  return problems;
}

/** The occurrences of each kind of fault together. */
function faultsOf({ audit, done }) {
  const kinds = [...new Set(done.map(({ fault }) => fault))];
  return kinds.map((fault) => {
    const own = done.filter((each) => each.fault === fault);
    const effects = own.map((each) => each.effect ?? fault.effectOf(each, audit));
    return {
      name: fault.name,
      unit: fault.effect,
      background: fault.background ?? false,
      times: own.length,
      effects,
      effect: effects.reduce((sum, effect) => sum + effect, 0),
      eachAtLeast: fault.eachAtLeast ?? 0,
      firstMs: own.map(({ backAt }) => audit.recoveredAfter(backAt)),
      allMs: own.flatMap(({ backAt, workers }) =>
        workers.length === 0 ? [] : [slowest(workers.map((worker) => audit.recoveredAfter(backAt, worker)))],
      ),
      broken: own.flatMap((each) => fault.problemsOf?.(each, audit) ?? []),
    };
  });
}

function faultProblems({ name, unit, effect, effects, eachAtLeast, firstMs, allMs, background, broken }, lagMs) {
  const problems = broken.map((text) => `${name}: ${text}`);
  if (effect === 0) problems.push(`${name}: had no effect (${unit})`);
  for (const each of effects)
    if (each < eachAtLeast) problems.push(`${name}: ${each} ${unit}, at least ${eachAtLeast} wanted`);
  // What is done in the background is followed by whatever comes next: that may well be an outage.
  for (const ms of background ? [] : [...firstMs, ...allMs]) {
    if (ms === undefined) problems.push(`${name}: somebody never completed anything again`);
    else if (ms > resumeWithinMs + 3 * lagMs) problems.push(`${name}: somebody resumed only after ${seconds(ms)}`);
  }
  return problems;
}

function answerProblems(name, load, lagMs) {
  const problems = [];
  for (const [under, { slowestMs, hung, unavailable, unreachable }] of load.answers) {
    // Embedded, the process that would answer is the one that everything is done to.
    if (excused.includes(under) || (name === 'embedded' && under !== 'all well')) continue;
    if (slowestMs > answerWithinMs + 3 * lagMs)
      problems.push(`${under}: a submission was answered after ${Math.round(slowestMs)} ms`);
    if (hung > 0) problems.push(`${under}: ${hung} submissions were never answered`);
    const mustKeep = under === 'all well' || under.startsWith('Redis');
    if (mustKeep && unavailable + unreachable > 0)
      problems.push(`${under}: ${unavailable + unreachable} submissions were not kept`);
  }
  return problems;
}

function slowest(times) {
  return times.includes(undefined) ? undefined : Math.max(...times);
}

/** Median and worst. */
function spread(times) {
  if (times.length === 0) return '';
  if (times.includes(undefined)) return 'never';
  const sorted = times.toSorted((a, b) => a - b);
  const worst = seconds(sorted.at(-1));
  return sorted.length === 1 ? worst : `${seconds(sorted[Math.floor((sorted.length - 1) / 2)])}, at most ${worst}`;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`;
}

function printTable(print, head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => String(row[i]).length)));
  const line = (cells) => `| ${cells.map((cell, i) => String(cell).padEnd(widths[i])).join(' | ')} |`;
  print(line(head));
  print(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  for (const row of rows) print(line(row));
}
