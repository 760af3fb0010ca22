// Navette's own mains as real processes, each in a place that outlives it: started again when it dies by itself.
import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
/** As an orchestrator restarts what has crashed, ms. */
const restartAfterMs = 300;
/** A process that has not started by then, however often it was tried, never will: longer than any outage here, ms. */
const startWithinMs = 180_000;

/**
 * @typedef {object} PlaceOptions
 * @property {'api' | 'worker' | 'standalone'} app
 * @property {string} name
 * @property {Record<string, string>} environment in full
 * @property {string} folder where its log is kept
 * @property {import('./reaper.mjs').Reaper} reaper
 * @property {import('./starvation.mjs').Starvation} starvation where it is noted when the machine keeps the process waiting
 */

/** One place of the installation and the process that is in it now. */
export class Place {
  #options;
  #child;
  #exited = Promise.resolve();
  #wanted = false;
  #log;
  #counts = new Map();
  #listeners = new Set();
  #borrowed = false;
  #ownSince = 0;

  /** Id of the worker that runs here now. @type {string | undefined} */
  worker;
  /** Since when it runs, ms since 1970. */
  runningSince = 0;

  /** @param {PlaceOptions} options */
  constructor(options) {
    this.#options = options;
    this.#log = createWriteStream(join(options.folder, `${options.name.replace(' ', '-')}.log`), { flags: 'a' });
  }

  /** Whether a fault has it to itself. */
  get borrowed() {
    return this.#borrowed;
  }

  set borrowed(borrowed) {
    this.#borrowed = borrowed;
    this.#ownSince = Date.now();
  }

  get name() {
    return this.#options.name;
  }

  /** How many tasks of one queue a worker runs here at once. */
  get slots() {
    return Number(this.#options.environment.NAVETTE_QUEUES.split(':')[1]);
  }

  /** How often the processes here have logged this message. */
  logged(message) {
    return this.#counts.get(message) ?? 0;
  }

  /**
   * Starts the process; resolves when it has logged that line.
   * @param {'listening' | 'worker running'} line
   * @throws when it does not come; the last lines of its log say why
   */
  async start(line) {
    this.#wanted = true;
    this.#spawn();
    await this.#next(line);
  }

  /** Resolves with the next line of that message. */
  #next(message) {
    return new Promise((resolve, reject) => {
      const listener = (line) => {
        if (line.msg !== message) return;
        this.#listeners.delete(listener);
        clearTimeout(timer);
        resolve(line);
      };
      this.#listeners.add(listener);
      const timer = setTimeout(() => {
        this.#listeners.delete(listener);
        const last = readFileSync(this.#log.path, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
        reject(new Error(`${this.name} did not say "${message}" within ${startWithinMs / 1000} s:\n${last}`));
      }, startWithinMs).unref();
    });
  }

  #spawn() {
    const { app, environment, folder, reaper } = this.#options;
    const main = join(root, 'packages', `app-${app}`, 'dist', 'main.js');
    const { NODE_OPTIONS = '', ...others } = environment;
    const preloaded = `${NODE_OPTIONS} --import=${new URL('say-starved.mjs', import.meta.url)}`;
    const env = { PATH: process.env.PATH ?? '', ...others, NODE_OPTIONS: preloaded };
    const child = reaper.adopt(
      spawn(process.execPath, [main], { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    this.#child = child;
    child.stderr.on('data', (chunk) => this.#log.write(chunk));
    createInterface(child.stdout).on('line', (line) => this.#read(line));
    // Not before its last lines have been read.
    this.#exited = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
    child.once('close', (code, signal) => void this.#died(child, code, signal));
  }

  #read(text) {
    this.#log.write(`${text}\n`);
    const line = parsed(text);
    if (!line) return;
    this.#counts.set(line.msg, this.logged(line.msg) + 1);
    if (line.msg === 'worker running') {
      this.worker = line.worker;
      this.runningSince = Date.now();
    }
    // What a fault does to it is not the machine's doing.
    if (line.msg === 'starved' && !this.#borrowed && line.from > this.#ownSince)
      this.#options.starvation.add(this.name, line);
    for (const listener of this.#listeners) listener(line);
  }

  async #died(child, code, signal) {
    this.#log.write(`--- ended with ${signal ?? code}\n`);
    if (child !== this.#child) return;
    this.worker = undefined;
    if (!this.#wanted) return;
    await sleep(restartAfterMs);
    if (this.#wanted) this.#spawn();
  }

  /** Ends the process at once, with SIGKILL; it is not started again until asked for. */
  kill() {
    return this.#end('SIGKILL');
  }

  /** Has it stop in good order; its exit code, or the signal that ended it after all. */
  stop() {
    return this.#end('SIGTERM');
  }

  #end(signal) {
    this.#wanted = false;
    this.#child?.kill(signal);
    return this.#exited;
  }

  freeze() {
    this.#child.kill('SIGSTOP');
  }

  thaw() {
    this.#ownSince = Date.now();
    this.#child.kill('SIGCONT');
  }

  /** Closes the log. */
  close() {
    this.#log.end();
  }
}

/** A log line; undefined for another text, and for a line that a SIGKILL has cut short. */
function parsed(text) {
  try {
    return text.startsWith('{') ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
