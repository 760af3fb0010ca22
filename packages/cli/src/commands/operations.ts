import { createInterface } from 'node:readline/promises';
import type { NavetteClient, Operation, OperationPreview, OperationRequest } from '@navette/client';
import type { Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { createProgressBar } from '../progress-bar.ts';
import { addFilterOptions, type FilterOptions, filterOf } from '../task-filter.ts';
import { taskTable } from '../task-text.ts';

interface StartOptions extends FilterOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly perSecond?: number;
  readonly yes?: boolean;
  readonly detach?: boolean;
}

const more = `
Examples:
  $ navette operations retry --state failed --type http.request --finished-after 1d --dry-run
  $ navette operations retry --state failed --type http.request --finished-after 1d --per-second 50
  $ navette operations cancel --tag customer:42 --yes --detach
  $ navette operations watch 0193e6a0-…
  $ navette operations stop 0193e6a0-…
`;

/** Adds `operations`. */
export function addOperations(program: Command, cli: Cli): void {
  const operations = program
    .command('operations')
    .summary('cancel or retry many tasks')
    .description('Cancel or retry all tasks that a filter finds: previewed, paced, and going on without this command.')
    .addHelpText('after', more);
  for (const action of ['cancel', 'retry'] as const) {
    addFilterOptions(operations.command(action))
      .description(`${action === 'cancel' ? 'Cancel' : 'Run again'} all tasks that the filter finds.`)
      .option('-a, --all', 'without any filter')
      .option('--dry-run', 'tell how many and which, and do nothing')
      .option('--per-second <number>', 'the pace', wholeNumber(1))
      .option('-y, --yes', 'do not ask')
      .option('--detach', 'start it, and do not watch it')
      .action((options: StartOptions) => start(cli, action, options));
  }
  const one = (name: string, description: string) =>
    operations.command(name).description(description).argument('<id>', 'the operation');
  operations
    .command('list')
    .description('List the latest operations, the newest first.')
    .action(async () => {
      const { items } = await cli.connect().operations.list({}, { signal: cli.terminal.signal });
      for (const operation of items) await printOperation(cli, operation);
    });
  one('show', 'Show an operation.').action(async (id: string) =>
    printOperation(cli, await cli.connect().operations.get(id, { signal: cli.terminal.signal })),
  );
  one('watch', 'Watch an operation to its end.').action((id: string) => watch(cli, cli.connect({ patient: true }), id));
  one('stop', 'Stop an operation; what it has done stays done.').action(async (id: string) =>
    printOperation(cli, await cli.connect().operations.stop(id, { signal: cli.terminal.signal })),
  );
}

async function start(cli: Cli, action: OperationRequest['action'], options: StartOptions): Promise<void> {
  const { all, dryRun, perSecond, yes, detach } = options;
  const filter = filterOf(options);
  if (Object.keys(filter).length === 0 && !all) throw new UsageError('give a filter, or --all');
  const client = cli.connect({ patient: true });
  const { signal } = cli.terminal;
  const request: OperationRequest = { action, filter, all, perSecond };
  if (dryRun || !yes) {
    const preview = await client.operations.dryRun(request, { signal });
    if (dryRun) return cli.print(preview, () => previewText(cli, preview));
    if (!(await isConfirmed(cli, action, preview.count))) return;
  }
  const operation = await client.operations.start(request, { signal });
  if (detach) return printOperation(cli, operation);
  cli.remark(`Operation ${operation.id} goes on without this command; navette operations stop ends it.`);
  await watch(cli, client, operation.id);
}

async function isConfirmed({ terminal }: Cli, action: string, count: number): Promise<boolean> {
  const { stdin, stderr, signal } = terminal;
  if (!stdin.isTTY || !stderr.isTTY) throw new UsageError(`this would ${action} ${count} tasks: say --yes`);
  const questions = createInterface({
    input: stdin as NodeJS.ReadStream,
    output: stderr as NodeJS.WriteStream,
  });
  try {
    const answer = await questions.question(`${action} ${count} tasks? [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    questions.close();
  }
}

async function watch(cli: Cli, client: NavetteClient, id: string): Promise<void> {
  const bar = createProgressBar(cli);
  let last: Operation | undefined;
  try {
    for await (const operation of client.operations.follow(id, { signal: cli.terminal.signal })) {
      last = operation;
      bar?.show(operation.total > 0 ? operation : undefined, operationText(operation));
    }
  } finally {
    bar?.stop();
  }
  if (!last) return;
  await printOperation(cli, last);
  if (last.state !== 'completed' || last.failed > 0) cli.exitCode = exitCodes.failed;
}

function printOperation(cli: Cli, operation: Operation): Promise<void> {
  return cli.print(operation, () => operationText(operation));
}

function operationText({ id, action, state, done, total, failed, failures }: Operation): string {
  const reasons = Object.entries(failures).map(([code, count]) => `${count} ${code}`);
  return `${id}  ${action}  ${state}  ${done}/${total}${failed > 0 ? `, failed: ${reasons.join(', ')}` : ''}`;
}

function previewText({ paint, terminal }: Cli, { count, sample }: OperationPreview): string {
  const some = sample.length > 0 ? `, among them\n${taskTable(sample, paint, terminal.stdout.columns)}` : '';
  return `${count} tasks${some}`;
}
