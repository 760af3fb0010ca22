import type { TaskType } from '@navette/client';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { UsageError } from '../exit-codes.ts';
import { durationText } from '../moments.ts';
import { cut, table } from '../table.ts';
import type { Paint } from '../terminal.ts';

/** Adds `types`. */
export function addTypes(program: Command, cli: Cli): void {
  program
    .command('types')
    .summary('list the task types')
    .description('List the task types that the server knows, or show one with the schema of its payload.')
    .argument('[type]', 'one of them')
    .addHelpText('after', '\nExamples:\n  $ navette types\n  $ navette types http.request\n')
    .action(async (name: string | undefined) => {
      const types = await cli.connect().taskTypes({ signal: cli.terminal.signal });
      if (name !== undefined) {
        const type = types.find((each) => each.type === name);
        if (!type) throw new UsageError(`no task type has the name ${name}`);
        return cli.print(type, () => typeDetails(type, cli.paint));
      }
      if (!cli.json) return cli.print(types, () => typeTable(types, cli.paint, cli.terminal.stdout.columns));
      for (const type of types) await cli.print(type, () => '');
    });
}

function typeTable(types: readonly TaskType[], paint: Paint, columns = 140): string {
  const rows = types.map(({ type, queue, priority, timeoutMs, retry, description }) => [
    type,
    queue,
    priority,
    durationText(timeoutMs),
    `${retry.maxAttempts}`,
    cut(description, Math.max(20, columns - 60)),
  ]);
  return table(['TYPE', 'QUEUE', 'PRIORITY', 'TIMEOUT', 'ATTEMPTS', 'DESCRIPTION'], rows, paint);
}

function typeDetails({ type, queue, description, priority, timeoutMs, retry, payloadSchema }: TaskType, paint: Paint) {
  const { kind, delayMs, maxDelayMs } = retry.backoff;
  const backoff = `${kind} from ${durationText(delayMs)} to ${durationText(maxDelayMs)}`;
  return [
    `${paint('bold', type)}  ${description}`,
    `queue ${queue}, priority ${priority}, timeout ${durationText(timeoutMs)}`,
    `${retry.maxAttempts} attempts, backoff ${backoff}`,
    ...(payloadSchema ? ['payload', JSON.stringify(payloadSchema, null, 2)] : []),
  ].join('\n');
}
