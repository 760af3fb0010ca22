// Ends what a run has started and removes its folder, also when the run itself is killed: a process of its own that is
// told on its standard input what there is, and acts when that ends.
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { killTree } from './process-tree.mjs';

const file = fileURLToPath(import.meta.url);

/**
 * @typedef {object} Reaper
 * @property {<C extends import('node:child_process').ChildProcess>(child: C) => C} adopt ends with the run, at the latest
 * @property {(folder: string) => void} remove a folder that goes with the run
 * @property {(folder: string) => void} unmount a file system that goes with the run
 * @property {() => Promise<void>} finish ends everything now
 */

/** @returns {Reaper} */
export function startReaper() {
  const reaper = spawn(process.execPath, [file, 'reap'], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  const exited = new Promise((resolve) => reaper.once('exit', resolve));
  // What happens after the end is its own doing.
  const tell = (line) => void (reaper.stdin.writableEnded || reaper.stdin.write(`${line}\n`));
  return {
    adopt: (child) => {
      // It could not be started, and says so itself.
      if (child.pid === undefined) return child;
      tell(`+ ${child.pid}`);
      child.once('exit', () => tell(`- ${child.pid}`));
      return child;
    },
    remove: (folder) => tell(`remove ${folder}`),
    unmount: (folder) => tell(`unmount ${folder}`),
    finish: async () => {
      reaper.stdin.end();
      await exited;
    },
  };
}

async function reap() {
  const pids = new Set();
  const mounts = [];
  const folders = [];
  for await (const line of createInterface({ input: process.stdin })) {
    const [what, value] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
    if (what === '+') pids.add(Number(value));
    else if (what === '-') pids.delete(Number(value));
    else if (what === 'unmount') mounts.push(value);
    else folders.push(value);
  }
  for (const pid of pids) killTree(pid);
  for (const folder of mounts) spawnSync('umount', ['--lazy', folder]);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

if (process.argv[1] === file && process.argv[2] === 'reap') {
  // One Ctrl-C reaches the whole terminal; the end of the input is what counts.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  await reap();
}
