import type { Task } from '@navette/client';
import type { Cli } from './cli.ts';
import { exitCodeOf } from './exit-codes.ts';

/** Does something to each of some tasks, one after the other; one that fails does not keep the others from it. */
export async function changeTasks(
  cli: Cli,
  ids: readonly string[],
  change: (id: string) => Promise<Task>,
  text: (task: Task) => string,
): Promise<void> {
  for (const id of ids) {
    try {
      const task = await change(id);
      await cli.print(task, () => text(task));
    } catch (error) {
      if (ids.length === 1 || cli.terminal.signal.aborted) throw error;
      cli.complain(error);
      cli.exitCode = Math.max(cli.exitCode, exitCodeOf(error));
    }
  }
}
