import type { Command } from 'commander';
import { changeTasks } from '../change-tasks.ts';
import type { Cli } from '../cli.ts';
import { taskLine } from '../task-text.ts';

/** Adds `cancel`. */
export function addCancel(program: Command, cli: Cli): void {
  program
    .command('cancel')
    .summary('cancel tasks')
    .description('Cancel tasks. One that is running is asked to stop; `navette show` tells what came of it.')
    .argument('<ids...>', 'the tasks')
    .addHelpText('after', '\nExample:\n  $ navette cancel 0193e6a0-…\n\nMany by a filter: navette operations cancel\n')
    .action((ids: string[]) => {
      const client = cli.connect();
      const cancel = (id: string) => client.cancel(id, { signal: cli.terminal.signal });
      const asked = (running: boolean) => (running ? ', asked to stop' : '');
      return changeTasks(cli, ids, cancel, (task) => taskLine(task, cli.paint) + asked(task.state === 'running'));
    });
}
