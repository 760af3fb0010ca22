// How long the machine keeps processes waiting: an event loop that comes late without having used a CPU meanwhile has
// not been let run, and a disk can be slow. What is late because of that says nothing of Navette.
import { fsync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const tickMs = 20;
/** What is gathered in about this time is told together, ms. */
const tellEveryMs = 100;
const leastMs = 10;
const lookAtDiskEveryMs = 200;
const leastDiskMs = 50;

/** Ms since 1970, whatever a process makes of its wall clock. */
const now = () => performance.timeOrigin + performance.now();

/**
 * A while in which a process was kept waiting.
 * @typedef {{ from: number, to: number, ms: number }} Starved ms since 1970, and for how long of it
 */

/** Watches this process. @param {(starved: Starved) => void} tell */
export function watchStarvation(tell) {
  let tickedAt = now();
  let cpu = process.cpuUsage();
  let from = tickedAt;
  let ms = 0;
  const tick = () => {
    const to = now();
    const used = process.cpuUsage(cpu);
    ms += Math.max(0, to - tickedAt - tickMs - (used.user + used.system) / 1_000);
    tickedAt = to;
    cpu = process.cpuUsage();
    if (to - from < tellEveryMs) return;
    if (ms >= leastMs) tell({ from, to, ms: Math.round(ms) });
    from = to;
    ms = 0;
  };
  setInterval(tick, tickMs).unref();
}

/**
 * Watches the disk: what takes long to be written there keeps PostgreSQL waiting.
 * @param {string} folder
 * @param {(starved: Starved) => void} tell
 */
export function watchDisk(folder, tell) {
  const file = openSync(join(folder, 'disk-watch'), 'w');
  const write = () => {
    const from = now();
    writeSync(file, 'x'.repeat(4_096), 0);
    fsync(file, () => {
      const to = now();
      if (to - from >= leastDiskMs) tell({ from, to, ms: Math.round(to - from) });
      setTimeout(write, lookAtDiskEveryMs).unref();
    });
  };
  write();
}

/** What has been told of the processes of one run. */
export class Starvation {
  /** @type {Map<string, Starved[]>} */
  #told = new Map();

  add(name, starved) {
    const list = this.#told.get(name) ?? [];
    list.push(starved);
    this.#told.set(name, list);
  }

  /** For how long the process, or the disk, that was worst off was kept waiting between two moments, ms. */
  between(from, to) {
    const within = (each) => each.to > from && each.from < to;
    const sums = [...this.#told.values()].map((list) => list.filter(within).reduce((sum, { ms }) => sum + ms, 0));
    return Math.max(0, ...sums);
  }

  /** The longest while at once, ms. */
  get worstMs() {
    return Math.max(0, ...[...this.#told.values()].flat().map(({ ms }) => ms));
  }
}
