// CPU time by process, read from /proc. Where that is not possible (a server on another machine) a figure is left out.
import { readFile } from 'node:fs/promises';

/** One tick of /proc, ms: USER_HZ is 100 on every Linux that Node runs on. */
const tickMs = 10;

/** CPU time that a process has used, ms; with that of children that have ended. `undefined` if it cannot be known. */
async function usedBy(pid) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * tickMs;
}

async function childrenOf(pid) {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean);
}

/** CPU time of a process and all its children, ms. */
async function usedByTree(pid) {
  const used = await Promise.all([pid, ...(await childrenOf(pid))].map(usedBy));
  if (used[0] === undefined) return undefined;
  return used.reduce((sum, ms) => sum + (ms ?? 0), 0);
}

/** Busy, total and stolen time of all cores since the machine started, ms; stolen: what its host gave to others. */
async function machine() {
  const text = await readFile('/proc/stat', 'utf8').catch(() => '');
  const ticks = text.slice(0, text.indexOf('\n')).split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, count) => sum + count, 0) * tickMs;
  const [, , , idle, waiting, , , stolen] = ticks;
  return { total, busy: total - (idle + waiting + stolen) * tickMs, stolen: stolen * tickMs };
}

/** Resident memory of a process, MB. */
export async function residentMb(pid) {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kB = /VmRSS:\s+(\d+)/.exec(text)?.[1];
  return kB === undefined ? undefined : (Number(kB) * 1024) / 1e6;
}

/**
 * Starts to count the CPU time of `pids`: by name a process, or several. The answer ends it, and is told how many tasks
 * there were meanwhile.
 * @returns cpu: by name in percent of one core, `machine` and `stolen` in percent of all; usPerTask: by name, microseconds
 */
export async function startCpuCount(pids) {
  const before = await snapshot(pids);
  return async (tasks) => {
    const after = await snapshot(pids);
    const elapsedMs = after.at - before.at;
    const used = Object.keys(pids).map((name) => [name, after.used[name] - before.used[name]]);
    const known = used.filter(([, usedMs]) => Number.isFinite(usedMs));
    const each = (of) => Object.fromEntries(known.map(([name, usedMs]) => [name, of(usedMs)]));
    const { busy: machine, stolen } = sharesOf(before.machine, after.machine);
    return {
      cpu: { ...each((usedMs) => (100 * usedMs) / elapsedMs), machine, stolen },
      usPerTask: each((usedMs) => (1000 * usedMs) / tasks),
    };
  };
}

function sharesOf(before, after) {
  const percent = (name) => (100 * (after[name] - before[name])) / (after.total - before.total);
  return { busy: percent('busy'), stolen: percent('stolen') };
}

async function snapshot(pids) {
  const entries = Object.entries(pids).map(async ([name, of]) => {
    const used = await Promise.all([of].flat().map(usedByTree));
    return [name, used.some((ms) => ms === undefined) ? undefined : used.reduce((sum, ms) => sum + ms, 0)];
  });
  return { at: performance.now(), used: Object.fromEntries(await Promise.all(entries)), machine: await machine() };
}
