// One of Navette's mains as a real process, which must not end by itself.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const inside = new URL('inside.mjs', import.meta.url);

/** What it holds, after its garbage has been collected. @typedef {{ rss: number, heapUsed: number, external: number, held: Record<string, number>, worstDelayMs: number }} Holdings bytes */

/** A process. */
export class NavetteProcess {
  #child;
  #lines = [];
  #waiting = new Set();

  /** What is wrong with it: that it ended, logged an error, or wrote on its standard error. @type {string[]} */
  faults = [];
  /** How often it logged each warning. @type {Map<string, number>} */
  warnings = new Map();

  /**
   * @param {'api' | 'worker' | 'standalone'} app
   * @param {Record<string, string>} environment
   * @param {string} cwd
   * @param {import('../chaos/reaper.mjs').Reaper} reaper
   */
  constructor(app, environment, cwd, reaper) {
    const main = join(root, 'packages', `app-${app}`, 'dist', 'main.js');
    const flags = ['--max-semi-space-size=32', '--expose-gc', `--import=${inside}`];
    const env = { PATH: process.env.PATH ?? '', PORT: '0', LOG_LEVEL: 'info', ...environment };
    const stdio = ['ignore', 'pipe', 'pipe', 'ipc'];
    this.#child = reaper.adopt(spawn(process.execPath, [...flags, main], { env, cwd, stdio }));
    this.#child.stderr
      .setEncoding('utf8')
      .on('data', (text) => this.faults.push(`${app} wrote: ${text.slice(0, 2_000)}`));
    this.#child.once('exit', (code, signal) => this.#ended(`${app} ended with ${signal ?? code}`));
    createInterface(this.#child.stdout).on('line', (text) => this.#read(app, text));
  }

  /** The first line of its log with that message. @throws Error if it ends before */
  async line(msg) {
    for (;;) {
      const found = this.#lines.find((line) => line.msg === msg);
      if (found) return found;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error(this.faults.join('\n'));
      await new Promise((resolve) => this.#waiting.add(resolve));
    }
  }

  /** @returns {Promise<Holdings>} */
  holdings() {
    return new Promise((resolve) => {
      this.#child.once('message', resolve);
      this.#child.send('tell');
    });
  }

  #read(app, text) {
    if (!text.startsWith('{')) this.faults.push(`${app} printed: ${text.slice(0, 2_000)}`);
    else {
      const line = JSON.parse(text);
      if (this.#lines.length < 100) this.#lines.push(line);
      if (line.level >= 50) this.faults.push(`${app} logged: ${text.slice(0, 2_000)}`);
      else if (line.level === 40) this.warnings.set(line.msg, (this.warnings.get(line.msg) ?? 0) + 1);
    }
    this.#notify();
  }

  #ended(how) {
    this.faults.push(how);
    this.#notify();
  }

  #notify() {
    for (const resume of this.#waiting) resume();
    this.#waiting.clear();
  }
}
