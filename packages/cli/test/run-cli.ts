import { run } from '../src/program.ts';

/** How a call of the command differs from a plain one. */
export interface CallOptions {
  readonly env?: Record<string, string>;
  readonly stdin?: readonly string[];
  /** Whether its outputs are a terminal. */
  readonly tty?: boolean;
  readonly signal?: AbortSignal;
}

/** Runs the command in this process. Gives what it printed, and the exit code. */
export async function runCli(args: readonly string[], { env = {}, stdin = [], tty = false, signal }: CallOptions = {}) {
  const texts = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    isTTY: tty,
    columns: 160,
    write: (text: string, written?: () => void) => {
      texts[name] += text;
      if (typeof written === 'function') written();
      return true;
    },
  });
  const input = (async function* () {
    yield* stdin;
  })();
  const exitCode = await run(args, {
    env,
    stdin: Object.assign(input, { isTTY: false }),
    stdout: output('stdout'),
    stderr: output('stderr'),
    signal: signal ?? new AbortController().signal,
  });
  return { ...texts, exitCode, values: () => jsonLines(texts.stdout) };
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into output of every shape
function jsonLines(text: string): any[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
