import { type Command, Option } from 'commander';
import { severalOf, wholeNumber } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { addFilterOptions, type FilterOptions, filterOf } from '../task-filter.ts';
import { taskTable } from '../task-text.ts';

type Includable = 'payload' | 'result';

interface TasksOptions extends FilterOptions {
  readonly limit: number;
  readonly all?: boolean;
  readonly include?: Includable[];
}

const more = `
Examples:
  $ navette tasks
  $ navette tasks --state failed,expired --finished-after 2h --tag customer:42
  $ navette tasks --type http.request --all --include payload,result --json | jq -r .result.status
`;

/** How many rows one table has at most: longer lists are printed as several, so that they need no memory. */
const tableRows = 100;

/** Adds `tasks`. */
export function addTasks(program: Command, cli: Cli): void {
  const include = new Option('--include <fields>', 'with --json: payload, result, or both');
  addFilterOptions(program.command('tasks'))
    .alias('list')
    .summary('find tasks')
    .description('Find tasks, newest first. Several filters narrow.')
    .addOption(new Option('-n, --limit <number>', 'how many').default(20).argParser(wholeNumber(1)))
    .addOption(new Option('-a, --all', 'all of them, however many').conflicts('limit'))
    .addOption(include.argParser(severalOf<Includable>(['payload', 'result'])))
    .addHelpText('after', more)
    .action((options: TasksOptions) => printTasks(cli, options));
}

async function printTasks(cli: Cli, options: TasksOptions): Promise<void> {
  const { all, include } = options;
  const limit = all ? Number.POSITIVE_INFINITY : options.limit;
  const query = { ...filterOf(options), limit: Math.min(limit, tableRows), ...(include && { include }) };
  const client = cli.connect();
  const { signal, stdout } = cli.terminal;
  let printed = 0;
  for (let cursor: string | null | undefined; cursor !== null && printed < limit; ) {
    const page: Awaited<ReturnType<typeof client.list>> = await client.list({ ...query, cursor }, { signal });
    const items = page.items.slice(0, limit - printed);
    if (cli.json) for (const item of items) await cli.print(item, () => '');
    else if (items.length > 0) await cli.print(items, () => taskTable(items, cli.paint, stdout.columns));
    printed += items.length;
    cursor = page.nextCursor;
    if (printed >= limit && cursor !== null) cli.remark('There are more: see --limit and --all.');
  }
  if (printed === 0) cli.remark('No tasks.');
}
