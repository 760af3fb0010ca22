import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './build.ts';

/** A line of a process's log. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The mains of Navette. */
export type App = 'api' | 'standalone' | 'worker';

const running = new Set<AppProcess>();

/** One of Navette's mains as a real process, its environment given in full. */
export class AppProcess {
  readonly #child: ChildProcess;
  readonly #log: LogLine[] = [];
  readonly #exit: Promise<Exit>;
  #errors = '';
  #watchers: (() => void)[] = [];
  #ended = false;

  constructor(app: App, environment: Readonly<Record<string, string>>, args: readonly string[] = []) {
    const main = join(root, 'packages', `app-${app}`, 'dist', 'main.js');
    const { PATH = '' } = process.env;
    this.#child = spawn(process.execPath, [main, ...args], {
      env: { PATH, PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    createInterface(this.#child.stdout!).on('line', (line) => {
      this.#log.push(line.startsWith('{') ? (JSON.parse(line) as LogLine) : { level: 0, msg: line });
      this.#notify();
    });
    this.#exit = once(this.#child, 'close').then(([code, signal]) => {
      this.#ended = true;
      running.delete(this);
      this.#notify();
      return { code, signal };
    });
    running.add(this);
  }

  /** Resolves when it has ended. */
  get exit(): Promise<Exit> {
    return this.#exit;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What it wrote on standard error, line by line. */
  get errors(): string[] {
    return this.#errors.split('\n').filter((line) => line !== '');
  }

  /** What it wrote on standard output. */
  get log(): readonly LogLine[] {
    return this.#log;
  }

  /** The first line with this message, as soon as it is there. Rejects if the process ends without it. */
  async line(msg: string): Promise<LogLine> {
    for (;;) {
      const found = this.#log.find((line) => line.msg === msg);
      if (found) return found;
      if (this.#ended) throw new Error(`the process ended without "${msg}":\n${this.#errors}${this.#tail()}`);
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Where it serves HTTP, as soon as it does. */
  async url(): Promise<string> {
    const { url, api } = await this.line('listening');
    return String(api ?? new URL(String(url)).origin);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it with that signal. */
  async end(signal: NodeJS.Signals): Promise<Exit> {
    this.kill(signal);
    return this.#exit;
  }

  #notify(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }

  #tail(): string {
    return this.#log.map((line) => JSON.stringify(line)).join('\n');
  }
}

/** Ends whatever still runs. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((each) => each.end('SIGKILL')));
}
