import type { Queue } from '@navette/client';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { durationText } from '../moments.ts';
import { table } from '../table.ts';
import type { Paint } from '../terminal.ts';

const more = '\nExamples:\n  $ navette queues\n  $ navette queues pause media\n  $ navette queues resume media\n';

/** Adds `queues`. */
export function addQueues(program: Command, cli: Cli): void {
  const queues = program.command('queues').summary('list, pause and resume queues').addHelpText('after', more);
  queues
    .command('list', { isDefault: true })
    .description('List the queues, with their tasks counted by state.')
    .action(async () => {
      const all = await cli.connect().queues({ signal: cli.terminal.signal });
      if (!cli.json) return cli.print(all, () => queueTable(all, cli.paint));
      for (const queue of all) await cli.print(queue, () => '');
    });
  for (const [verb, what] of [
    ['pause', 'Start nothing new from queues; what runs goes on.'],
    ['resume', 'Let queues go on.'],
  ] as const) {
    queues
      .command(verb)
      .description(what)
      .argument('<names...>', 'the queues')
      .action(async (names: string[]) => {
        const client = cli.connect();
        for (const name of names) {
          const queue = await client[verb](name, { signal: cli.terminal.signal });
          await cli.print(queue, () => `${queue.name} ${queue.paused ? 'is paused' : 'goes on'}`);
        }
      });
  }
}

function queueTable(queues: readonly Queue[], paint: Paint): string {
  const rows = queues.map(({ name, paused, counts, oldestQueuedMs, consumers }) => [
    paused ? `${name} ${paint('yellow', '(paused)')}` : name,
    `${counts.queued}`,
    `${counts.scheduled + counts.retrying}`,
    `${counts.running}`,
    `${counts.completed}`,
    `${counts.failed}`,
    `${counts.cancelled + counts.expired}`,
    oldestQueuedMs === null ? '' : durationText(oldestQueuedMs),
    `${consumers}`,
  ]);
  const states = ['QUEUED', 'LATER', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED/EXPIRED'];
  return table(['QUEUE', ...states, 'OLDEST', 'WORKERS'], rows, paint);
}
