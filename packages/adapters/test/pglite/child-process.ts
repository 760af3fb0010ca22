import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

// Far beyond what any scenario takes: a child that hangs fails its test instead of outliving it.
const PATIENCE_MS = 25_000;

/** A process of its own that runs a scenario of `child.mjs`. */
export class Child {
  readonly #process: ChildProcess;
  readonly #output: string[] = [];

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.stderr?.on('data', (data: Buffer) => this.#output.push(data.toString()));
  }

  /** Starts a scenario on a folder; an empty name is a database in memory. */
  static async start(scenario: 'write' | 'open' | 'crash', folder: string): Promise<Child> {
    const script = fileURLToPath(new URL('./child.mjs', import.meta.url));
    const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const;
    return new Child(fork(script, [scenario, folder], { stdio: [...stdio], execArgv: [] }));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The next message of the child that `accept` takes. */
  async message<Message>(accept: (message: Message) => boolean = () => true): Promise<Message> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const exit = once(this.#process, 'exit', { signal }).then(([code]) => {
      throw new Error(`the child ended with code ${code}: ${this.#output.join('')}`);
    });
    exit.catch(() => undefined);
    for (;;) {
      const [message] = (await Promise.race([once(this.#process, 'message', { signal }), exit])) as [Message];
      if (accept(message)) return message;
    }
  }

  /** Kills the child with SIGKILL and waits until it has gone. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }
}
