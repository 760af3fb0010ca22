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

/** Busy and total time of all cores since the machine started, ms. */
async function machine() {
  const text = await readFile('/proc/stat', 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const ticks = text.slice(0, text.indexOf('\n')).split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, count) => sum + count, 0) * tickMs;
  const [, , , idle, waiting] = ticks;
  return { total, busy: total - (idle + waiting) * tickMs };
}

/** Resident memory of a process, MB. */
export async function residentMb(pid) {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kB = /VmRSS:\s+(\d+)/.exec(text)?.[1];
  return kB === undefined ? undefined : (Number(kB) * 1024) / 1e6;
}

/**
 * Starts to count. The answer ends it: for each name of `pids` (a process, or several) the CPU time in percent of one
 * core, and of `machine` in percent of all.
 */
export async function startCpuCount(pids) {
  const snapshot = async () => {
    const entries = Object.entries(pids).map(async ([name, of]) => {
      const used = await Promise.all([of].flat().map(usedByTree));
      return [name, used.some((ms) => ms === undefined) ? undefined : used.reduce((sum, ms) => sum + ms, 0)];
    });
    return { at: performance.now(), used: Object.fromEntries(await Promise.all(entries)), machine: await machine() };
  };
  const before = await snapshot();
  return async () => {
    const after = await snapshot();
    const elapsed = after.at - before.at;
    const share = (name) => {
      const used = after.used[name] - before.used[name];
      return Number.isFinite(used) && elapsed > 0 ? (100 * used) / elapsed : undefined;
    };
    const cores = Object.fromEntries(Object.keys(pids).map((name) => [name, share(name)]));
    const whole = after.machine && before.machine && after.machine.total - before.machine.total;
    return { ...cores, machine: whole ? (100 * (after.machine.busy - before.machine.busy)) / whole : undefined };
  };
}
