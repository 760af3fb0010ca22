import type { Command } from 'commander';
import { changeTasks } from '../change-tasks.ts';
import type { Cli } from '../cli.ts';
import { taskLine } from '../task-text.ts';

/** Adds `promote`. */
export function addPromote(program: Command, cli: Cli): void {
  program
    .command('promote')
    .summary('run waiting tasks now')
    .description('Make scheduled or retrying tasks due now.')
    .argument('<ids...>', 'the tasks')
    .addHelpText('after', '\nExample:\n  $ navette promote 0193e6a0-…\n')
    .action((ids: string[]) => {
      const client = cli.connect();
      const promote = (id: string) => client.promote(id, { signal: cli.terminal.signal });
      return changeTasks(cli, ids, promote, (task) => taskLine(task, cli.paint));
    });
}
