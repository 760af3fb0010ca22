import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { type Cli, createCli, type GlobalOptions } from './cli.ts';
import { addCancel } from './commands/cancel.ts';
import { addCompletion } from './commands/completion.ts';
import { addImport } from './commands/import.ts';
import { addOperations } from './commands/operations.ts';
import { addPromote } from './commands/promote.ts';
import { addQueues } from './commands/queues.ts';
import { addRetry } from './commands/retry.ts';
import { addShow } from './commands/show.ts';
import { addSubmit } from './commands/submit.ts';
import { addTasks } from './commands/tasks.ts';
import { addTypes } from './commands/types.ts';
import { addWatch } from './commands/watch.ts';
import { exitCodeOf, exitCodes, UsageError } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const more = `
Environment:
  NAVETTE_URL      where the server is (default: http://127.0.0.1:3000)
  NAVETTE_API_KEY  the secret of an API key
  NO_COLOR         no colours, whatever the value

Exit codes:
  0  done
  1  the task or the operation did not succeed
  2  wrong usage, or input that the server refuses
  3  the server cannot be reached, or does not let you in, or cannot answer now
  130  interrupted

Examples:
  $ navette submit demo.sleep '{"ms": 3000, "steps": 10}' --wait
  $ navette tasks --state failed --finished-after 2h
  $ navette import tasks.ndjson
  $ navette operations retry --state failed --type http.request --dry-run
  $ source <(navette completion bash)
`;

/** Runs the command with these arguments. Gives the exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const { program, cli } = createProgram(terminal);
  try {
    await program.parseAsync(args, { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (terminal.signal.aborted) return exitCodes.interrupted;
    cli.complain(error);
    return exitCodeOf(error);
  }
}

function createProgram(terminal: Terminal): { program: Command; cli: Cli } {
  const program = new Command('navette');
  const cli = createCli(terminal, () => program.opts<GlobalOptions>());
  program
    .description('Submit tasks to a Navette server, watch them, and look after them.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--url <address>', 'where the server is')
    .option('--json', 'print JSON, one value a line')
    .addHelpText('after', more)
    .configureHelp({ showGlobalOptions: true })
    // Before the commands are added: they take these over.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      outputError: (text) => cli.complain(new UsageError(text.replace(/^error: /, '').trimEnd())),
      getOutHelpWidth: () => terminal.stdout.columns ?? 100,
      getErrHelpWidth: () => terminal.stderr.columns ?? 100,
    });
  const adders = [addSubmit, addWatch, addTasks, addShow, addCancel, addRetry, addPromote, addImport, addOperations];
  for (const add of [...adders, addTypes, addQueues, addCompletion]) add(program, cli);
  return { program, cli };
}
