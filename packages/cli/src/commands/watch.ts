import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { watchTask } from '../watch-task.ts';

/** Adds `watch`. */
export function addWatch(program: Command, cli: Cli): void {
  program
    .command('watch')
    .summary('follow a task to its end')
    .description(
      'Follow a task to its end: progress and log as they happen, then its result. Ctrl-C leaves it running.',
    )
    .argument('<id>', 'the task')
    .addHelpText(
      'after',
      '\nExamples:\n  $ navette watch 0193e6a0-…\n  $ navette watch 0193e6a0-… --json | jq .event\n',
    )
    .action((id: string) => watchTask(cli, cli.connect({ patient: true }), id));
}
