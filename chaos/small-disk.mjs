// A file system of its own that can be filled up, where the machine lets one be mounted.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} SmallDisk
 * @property {string} folder
 * @property {() => void} fill leaves no room at all
 * @property {() => void} free gives the room back
 */

/**
 * Mounts one in memory.
 * @param {string} folder where to; it is made
 * @param {number} megabytes
 * @param {{ uid?: number, gid?: number }} owner
 * @param {import('./reaper.mjs').Reaper} reaper
 * @returns {SmallDisk | undefined} undefined: this is not allowed here
 */
export function mountSmallDisk(folder, megabytes, { uid = 0, gid = 0 }, reaper) {
  mkdirSync(folder);
  const options = `size=${megabytes}m,mode=700,uid=${uid},gid=${gid}`;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status !== 0) return undefined;
  reaper.unmount(folder);
  const ballast = join(folder, 'ballast');
  return { folder, fill: () => writeUntilFull(ballast), free: () => rmSync(ballast, { force: true }) };
}

function writeUntilFull(file) {
  const descriptor = openSync(file, 'w');
  // Ever smaller pieces, down to less than a page.
  for (let size = 2 ** 20; size >= 2 ** 10; size /= 4) while (writes(descriptor, Buffer.alloc(size)));
  closeSync(descriptor);
}

function writes(descriptor, bytes) {
  try {
    return writeSync(descriptor, bytes) > 0;
  } catch (error) {
    if (error.code === 'ENOSPC') return false;
    throw error;
  }
}
