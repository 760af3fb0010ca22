import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './build.ts';

/** What `navette watch --json` prints for each event. */
export interface WatchedEvent {
  readonly event: 'state' | 'progress' | 'log';
  // biome-ignore lint/suspicious/noExplicitAny: a task, a progress or a line
  readonly data: any;
}

/** Runs `navette watch` on a task to its end. Gives the events that it printed. */
export async function watch(url: string, taskId: string): Promise<WatchedEvent[]> {
  const main = join(root, 'packages', 'cli', 'dist', 'main.js');
  const env = { PATH: process.env.PATH ?? '', NAVETTE_URL: url };
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'watch', taskId, '--json'], { env });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as WatchedEvent);
}
