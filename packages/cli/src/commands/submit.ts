import { readFile } from 'node:fs/promises';
import { isTerminal, type Submission } from '@navette/client';
import { type Command, Option } from 'commander';
import { several, share, wholeNumber } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { UsageError } from '../exit-codes.ts';
import { parseDuration, parseFuture } from '../moments.ts';
import { taskLine } from '../task-text.ts';
import { readAll } from '../terminal.ts';
import { endWith, watchTask } from '../watch-task.ts';

type Retry = NonNullable<Submission['retry']>;
type Backoff = NonNullable<Retry['backoff']>;

interface SubmitOptions {
  readonly priority?: NonNullable<Submission['priority']>;
  readonly delay?: number;
  readonly at?: Date;
  readonly expires?: Date;
  readonly timeout?: number;
  readonly maxAttempts?: number;
  readonly backoff?: NonNullable<Backoff['kind']>;
  readonly backoffDelay?: number;
  readonly backoffMax?: number;
  readonly backoffJitter?: number;
  readonly tag?: string[];
  readonly key?: string;
  readonly wait?: true | number;
  readonly quiet?: boolean;
}

const more = `
Examples:
  $ navette submit demo.echo '{"hello": "world"}'
  $ navette submit csv.summary @report.json --priority high --tag customer:42 --wait
  $ jq .order order.json | navette submit order.ship - --key order-42
  $ navette submit demo.flaky '{"failures": 2}' --max-attempts 5 --backoff fixed --backoff-delay 1s --wait 30s
  $ id=$(navette submit demo.sleep '{"ms": 1000}' --quiet)
`;

/** Adds `submit`. */
export function addSubmit(program: Command, cli: Cli): void {
  const duration = (flags: string, what: string) => new Option(flags, what).argParser(parseDuration);
  program
    .command('submit')
    .summary('submit a task')
    .description('Submit a task. What is accepted is kept.')
    .argument('<type>', 'the task type; `navette types` lists them')
    .argument('[payload]', 'JSON, @file, or - for the standard input', '{}')
    .addOption(
      new Option('-p, --priority <level>', 'among the tasks of its queue').choices([
        'critical',
        'high',
        'normal',
        'low',
        'bulk',
      ]),
    )
    .addOption(duration('-d, --delay <duration>', 'run it so much later: 30s, 5m, 2h').conflicts('at'))
    .option('--at <moment>', 'run it then: 2026-01-31T12:00:00Z', parseFuture)
    .option('--expires <moment>', 'give it up if it has not started by then', parseFuture)
    .addOption(duration('--timeout <duration>', 'for one attempt'))
    .option('--max-attempts <number>', 'how often it is tried', wholeNumber(1))
    .addOption(new Option('--backoff <kind>', 'between attempts').choices(['fixed', 'linear', 'exponential']))
    .addOption(duration('--backoff-delay <duration>', 'before the second attempt'))
    .addOption(duration('--backoff-max <duration>', 'the longest between two attempts'))
    .option('--backoff-jitter <share>', 'how much of the delay is left to chance, 0 to 1', share)
    .option('--tag <tag>', 'may be repeated: customer:42', several)
    .option('-k, --key <key>', 'idempotency key: the same key never makes a second task')
    .addOption(new Option('-w, --wait [duration]', 'watch it to its end, at most so long').argParser(parseDuration))
    .addOption(new Option('--quiet', 'print nothing but its id').conflicts('wait'))
    .addHelpText('after', more)
    .action(async (type: string, payload: string, options: SubmitOptions) => {
      const submission = submissionOf(type, await readPayload(cli, payload), options);
      await submit(cli, submission, options);
    });
}

async function submit(cli: Cli, submission: Submission, { wait, quiet }: SubmitOptions): Promise<void> {
  const client = cli.connect({ patient: wait !== undefined });
  const { signal } = cli.terminal;
  const timeoutMs = typeof wait === 'number' ? wait : 0;
  const task = await client.submit(submission, { signal, timeoutMs });
  if (!wait) return cli.print(quiet ? task.id : task, () => (quiet ? task.id : taskLine(task, cli.paint)));
  if (wait === true && !isTerminal(task.state)) {
    cli.remark(taskLine(task, cli.paintRemark));
    return watchTask(cli, client, task.id);
  }
  await endWith(cli, task);
  if (!isTerminal(task.state)) cli.remark(`The time is up, the task goes on: navette watch ${task.id}`);
}

function submissionOf(type: string, payload: unknown, options: SubmitOptions): Submission {
  const { priority, delay, at, expires, timeout, maxAttempts, tag, key } = options;
  const { backoff: kind, backoffDelay: delayMs, backoffMax: maxDelayMs, backoffJitter: jitter } = options;
  const backoff = defined<Backoff>({ kind, delayMs, maxDelayMs, jitter });
  const retry = defined<Retry>({ maxAttempts, backoff });
  const chosen = { priority, delayMs: delay, runAt: at, expiresAt: expires, timeoutMs: timeout, retry };
  return { type, payload, ...defined<Partial<Submission>>({ ...chosen, tags: tag, idempotencyKey: key }) };
}

/** What of an object is given; nothing if nothing is. */
function defined<T extends object>(value: { [key in keyof T]?: T[key] | undefined }): T | undefined {
  const given = Object.entries(value).filter(([, each]) => each !== undefined);
  return given.length > 0 ? (Object.fromEntries(given) as T) : undefined;
}

async function readPayload({ terminal }: Cli, text: string): Promise<unknown> {
  const json =
    text === '-' ? await readAll(terminal.stdin) : text.startsWith('@') ? await readText(text.slice(1)) : text;
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`the payload is not JSON: ${(error as Error).message}`);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  }
}
