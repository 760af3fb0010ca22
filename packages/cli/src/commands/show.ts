import type { LogLine } from '@navette/client';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { taskDetails } from '../task-text.ts';

/** Adds `show`. */
export function addShow(program: Command, cli: Cli): void {
  program
    .command('show')
    .summary('show all about a task')
    .description('Show a task with its attempts and its log.')
    .argument('<id>', 'the task')
    .option('--no-logs', 'leave the log out')
    .addHelpText(
      'after',
      '\nExamples:\n  $ navette show 0193e6a0-…\n  $ navette show 0193e6a0-… --json | jq .attempts\n',
    )
    .action(async (id: string, { logs: withLogs }: { readonly logs: boolean }) => {
      const client = cli.connect();
      const { signal } = cli.terminal;
      const task = await client.get(id, { signal });
      const logs: LogLine[] = [];
      if (withLogs) for await (const line of client.allLogs(id, { signal })) logs.push(line);
      await cli.print({ ...task, ...(withLogs && { logs }) }, () => taskDetails(task, logs, cli.paint));
    });
}
