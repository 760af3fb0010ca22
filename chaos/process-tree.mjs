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
