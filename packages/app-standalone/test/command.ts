import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './build.ts';

/** How a command ended. */
export interface CommandEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the `navette` command as a real process; `whenTold` is called at its first output. */
export async function navetteCommand(
  args: readonly string[],
  whenTold: (child: ChildProcess) => void = () => {},
): Promise<CommandEnd> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [join(root, 'packages', 'cli', 'dist', 'main.js'), ...args], {
    env: { PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (stdout === '') whenTold(child);
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** What `navette watch --json` prints for each event. */
export interface WatchedEvent {
  readonly event: 'state' | 'progress' | 'log';
  // biome-ignore lint/suspicious/noExplicitAny: a task, a progress or a line
  readonly data: any;
}

/** Runs `navette watch` on a task to its end; `onLine` gets what comes after its first output. Gives all its events. */
export async function watch(
  url: string,
  taskId: string,
  onLine: (line: string) => void,
): Promise<CommandEnd & { readonly events: WatchedEvent[] }> {
  const end = await navetteCommand(['watch', taskId, '--json', '--url', url], ({ stdout }) => {
    if (stdout) createInterface(stdout).on('line', onLine);
  });
  const lines = end.stdout.split('\n').filter(Boolean);
  return { ...end, events: lines.map((line) => JSON.parse(line) as WatchedEvent) };
}
