// What the run has left behind, as the database and the handlers' own notes tell it.
import { readFileSync } from 'node:fs';
import { readMoves } from './moves.mjs';
import { isUrgent } from './urgent.mjs';

/**
 * @typedef {object} StoredTask
 * @property {string} id
 * @property {string} type
 * @property {string} queue
 * @property {number} priority rank of its level, 0 for the first
 * @property {string} state
 * @property {number} attempt
 * @property {number} spent
 * @property {number} max_attempts
 * @property {string | null} error_code
 */

/**
 * @typedef {object} StoredAttempt
 * @property {number} number
 * @property {string} outcome
 * @property {string} worker
 * @property {number} finishedAt ms since 1970
 */

/** Everything about the tasks, after the run. */
export class Audit {
  /** @type {Map<string, StoredTask>} */
  tasks;
  /** Oldest first. @type {Map<string, StoredAttempt[]>} */
  attempts;
  /** In their order. @type {Map<string, import('./moves.mjs').Move[]>} */
  moves;
  /** @type {import('./moves.mjs').Move[]} */
  allMoves;
  /** Attempt numbers for which a handler was entered, and left, by task. @type {Map<string, { started: number[], ended: number[] }>} */
  runs;

  /**
   * @param {{ query(text: string): Promise<{ rows: object[] }> }} db
   * @param {string} journal the file in which handlers note their runs
   */
  static async read(db, journal) {
    const audit = new Audit();
    const tasks = await db.query(
      'select id, type, queue, priority, state, attempt, spent, max_attempts, error_code from navette.tasks',
    );
    audit.tasks = new Map(tasks.rows.map((row) => [row.id, row]));
    const attempts = await db.query(
      `select task_id, number, outcome, worker, extract(epoch from finished_at)::float8 * 1000 as "finishedAt"
       from navette.attempt_history order by task_id, number`,
    );
    audit.attempts = groupBy(attempts.rows, (row) => row.task_id);
    audit.allMoves = await readMoves(db);
    audit.moves = groupBy(audit.allMoves, (move) => move.taskId);
    audit.runs = readJournal(journal);
    return audit;
  }

  task(id) {
    return this.tasks.get(id);
  }

  /** How many attempts of these workers came out so, between two moments, ms since 1970. */
  countAttempts(workers, outcome, from, to = Number.POSITIVE_INFINITY) {
    const fits = (attempt) =>
      attempt.outcome === outcome &&
      workers.includes(attempt.worker) &&
      attempt.finishedAt >= from &&
      attempt.finishedAt <= to;
    return [...this.attempts.values()].flat().filter(fits).length;
  }

  /** How many attempts of these tasks came out so. */
  countAttemptsOf(taskIds, outcome) {
    const attempts = taskIds.flatMap((id) => this.attempts.get(id) ?? []);
    return attempts.filter((attempt) => attempt.outcome === outcome).length;
  }

  /**
   * How long after a moment the first attempt ended that had begun after it, ms; of one worker, or of any.
   * @returns {number | undefined}
   */
  recoveredAfter(moment, worker) {
    const begun = new Set();
    for (const move of this.allMoves) {
      if (move.at <= moment || (worker && move.worker !== worker)) continue;
      const attempt = `${move.taskId}/${move.attempt}`;
      if (move.after === 'running') begun.add(attempt);
      else if (move.before === 'running' && begun.has(attempt)) return move.at - moment;
    }
    return undefined;
  }

  /**
   * How long after a moment, up to another, the last of the tasks that were queued then was handed over again, ms.
   * @returns {number | undefined} undefined: none was
   */
  handedOverAfter(moment, until) {
    const times = this.#movesOfQueued(moment).map(([move]) => (move && isHandOver(move) ? move.at : moment));
    const last = Math.max(...times.filter((at) => at < until), moment);
    return last > moment ? last - moment : undefined;
  }

  /**
   * How long after a moment, up to another, the last of the urgent tasks that were queued then was taken up, ms.
   */
  takenUpAfter(moment, until) {
    const left = this.#movesOfQueued(moment)
      .filter(([move]) => move && isUrgent(this.task(move.taskId)))
      .map((moves) => moves.find(({ after }) => after !== 'queued')?.at ?? until);
    return Math.min(Math.max(...left, moment), until) - moment;
  }

  /**
   * For how long slots for urgent tasks were free between two moments, ms: a quarter of them for a second is 250.
   * @param {number} slots how many there are
   */
  unusedFrom(from, to, slots) {
    const running = new Set();
    let [at, unused] = [from, 0];
    const passTo = (moment) => {
      unused += Math.max(0, 1 - running.size / Math.max(slots, 1)) * Math.max(0, moment - at);
      at = Math.max(at, moment);
    };
    for (const move of this.allMoves) {
      if (this.task(move.taskId)?.queue !== 'default') continue;
      if (move.at > to) break;
      passTo(move.at);
      if (move.after === 'running') running.add(move.taskId);
      else running.delete(move.taskId);
    }
    passTo(to);
    return unused;
  }

  /** Of each task that was queued at a moment, its moves since. */
  #movesOfQueued(moment) {
    const lists = [];
    for (const moves of this.moves.values()) {
      const next = moves.findIndex(({ at }) => at > moment);
      const before = moves[next < 0 ? moves.length - 1 : next - 1];
      if (before?.after === 'queued') lists.push(next < 0 ? [] : moves.slice(next));
    }
    return lists;
  }

  /** How many hand-overs to a broker were done again. */
  get redispatched() {
    return this.allMoves.filter(isHandOver).length;
  }
}

function isHandOver({ before, after }) {
  return before === 'queued' && after === 'queued';
}

function readJournal(file) {
  const runs = new Map();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [what, id, attempt] = line.split(' ');
    if (!attempt) continue;
    const run = runs.get(id) ?? { started: [], ended: [] };
    run[what === 'start' ? 'started' : 'ended'].push(Number(attempt));
    runs.set(id, run);
  }
  return runs;
}

/** @template T @param {readonly T[]} items @param {(item: T) => string} keyOf @returns {Map<string, T[]>} */
function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
