// Signals for a process and what it has forked: PostgreSQL is a family, and each of its members has a group of its own.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Sends a signal to a process, then to its children; one that is gone is no error.
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function signalTree(pid, signal) {
  // The parent first: stopped or dead it forks no more.
  send(pid, signal);
  for (const child of childrenOf(pid)) send(child, signal);
}

/**
 * Ends a process and its children. They are looked up first: of a dead parent nobody knows the children.
 * @param {number} pid
 */
export function killTree(pid) {
  send(pid, 'SIGSTOP');
  const children = childrenOf(pid);
  for (const each of [pid, ...children]) send(each, 'SIGKILL');
}

function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function childrenOf(pid) {
  return listChildren(pid).split(/\s+/).filter(Boolean).map(Number);
}

function listChildren(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    return spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
}

/** CPU time that a process, its children and those it has outlived have used, ms. @param {number} pid */
export function cpuMsOf(pid) {
  return [pid, ...childrenOf(pid)].reduce((sum, each) => sum + cpuTicksOf(each), 0) * 10;
}

/** In hundredths of a second, as Linux counts them for everybody. */
function cpuTicksOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // What follows the name, which may hold anything: state is the first, utime, stime, cutime and cstime 12th to 15th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  } catch {
    return 0;
  }
}
