import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** What tells one process from every other, also after its pid is used again. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly hostname: string;
  /** Changes when the machine restarts; the same in all containers of a machine. Linux only. */
  readonly bootId: string | undefined;
  /** The space in which `pid` counts: each container has one. Linux only. */
  readonly pidNamespace: string | undefined;
  /** When the process started, in clock ticks since the machine did. Linux only. */
  readonly startedAt: string | undefined;
}

/** Whether another process runs, as far as this one can see. */
export type Liveness = 'alive' | 'dead' | 'out of sight';

/** The identity of this process. */
export async function thisProcess(): Promise<ProcessIdentity> {
  return {
    pid: process.pid,
    hostname: hostname(),
    bootId: await readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((id) => id.trim(), nothing),
    pidNamespace: await readlink('/proc/self/ns/pid').catch(nothing),
    startedAt: (await readStat(process.pid))?.startedAt,
  };
}

/**
 * Whether the process `other` runs. One in another pid namespace of the same machine, or on another machine, is out of
 * sight; after a restart of the machine everything that ran before is dead.
 */
export async function livenessOf(other: ProcessIdentity): Promise<Liveness> {
  const self = await thisProcess();
  if (other.bootId !== self.bootId) return other.hostname === self.hostname ? 'dead' : 'out of sight';
  if (other.pidNamespace !== self.pidNamespace) return 'out of sight';
  if (!signalArrives(other.pid)) return 'dead';
  const stat = await readStat(other.pid);
  if (stat === undefined) return self.startedAt === undefined ? 'alive' : 'dead';
  return stat.ended || stat.startedAt !== other.startedAt ? 'dead' : 'alive';
}

function signalArrives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

// Field 2 of /proc/<pid>/stat is the command in parentheses, which may hold anything; the state is field 3, the start 22.
async function readStat(pid: number): Promise<{ ended: boolean; startedAt: string | undefined } | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(nothing);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { ended: fields[0] === 'Z' || fields[0] === 'X', startedAt: fields[19] };
}

function nothing(): undefined {
  return undefined;
}
