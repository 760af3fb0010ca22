import type { Command } from 'commander';
import { changeTasks } from '../change-tasks.ts';
import type { Cli } from '../cli.ts';
import { taskLine } from '../task-text.ts';

/** Adds `retry`. */
export function addRetry(program: Command, cli: Cli): void {
  program
    .command('retry')
    .summary('run finished tasks again')
    .description('Run finished tasks again, with all their attempts before them.')
    .argument('<ids...>', 'the tasks')
    .addHelpText('after', '\nExample:\n  $ navette retry 0193e6a0-…\n\nMany by a filter: navette operations retry\n')
    .action((ids: string[]) => {
      const client = cli.connect();
      const retry = (id: string) => client.retry(id, { signal: cli.terminal.signal });
      return changeTasks(cli, ids, retry, (task) => taskLine(task, cli.paint));
    });
}
