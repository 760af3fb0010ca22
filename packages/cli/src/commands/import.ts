import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { fileLines } from '../import/file-lines.ts';
import { importLines, type LineOutcome } from '../import/import-lines.ts';
import { type ImportRecord, openRecord, removeRecord, saveRecord } from '../import/import-record.ts';
import { createProgressBar } from '../progress-bar.ts';

const more = `
Each line is a submission: {"type": "demo.echo", "payload": {"hello": "world"}, "tags": ["customer:42"]}
How far it has come is kept in <file>.navette-import: the same command goes on where an interrupted import ended, and no
line makes two tasks. With --json each line's outcome is printed, then the sum.

Examples:
  $ navette import tasks.ndjson
  $ jq -c '.[] | {type: "order.ship", payload: .}' orders.json | navette import -
  $ navette import tasks.ndjson --json | jq -c 'select(.problem)'
`;

/** So often it is noted how far an import has come, lines. What is sent again after a crash makes no second task. */
const saveEvery = 1_000;
/** So many rejected lines are told to people. */
const toldRejections = 10;

/** Adds `import`. */
export function addImport(program: Command, cli: Cli): void {
  program
    .command('import')
    .summary('submit the tasks of an NDJSON file')
    .description('Submit every line of a file of newline-delimited JSON, in flat memory.')
    .argument('<file>', 'the file, or - for the standard input')
    .option('--restart', 'begin anew, although an earlier import was interrupted')
    .addHelpText('after', more)
    .action((file: string, { restart = false }: { readonly restart?: boolean }) =>
      file === '-' ? importStream(cli) : importFile(cli, file, restart),
    );
}

async function importFile(cli: Cli, file: string, restart: boolean): Promise<void> {
  const record = await openRecord(file, cli.url, restart);
  if (record.lines > 0) cli.remark(`Goes on after line ${record.lines}.`);
  let done = false;
  try {
    await importAll(cli, createReadStream(file), record, () => saveRecord(file, record));
    done = true;
  } finally {
    if (done) await removeRecord(file);
    else {
      await saveRecord(file, record);
      cli.remark(`Interrupted after line ${record.lines}: the same command goes on from there.`);
    }
  }
}

function importStream(cli: Cli): Promise<void> {
  const record = { run: randomUUID(), url: cli.url, bytes: 0, modifiedMs: 0, lines: 0, accepted: 0, rejected: 0 };
  return importAll(cli, cli.terminal.stdin, record, async () => {});
}

async function importAll(
  cli: Cli,
  source: AsyncIterable<Uint8Array | string>,
  record: ImportRecord,
  save: () => Promise<void>,
): Promise<void> {
  const client = cli.connect({ patient: true });
  const bar = createProgressBar(cli);
  const plan = { run: record.run, skip: record.lines, signal: cli.terminal.signal };
  try {
    for await (const outcome of importLines(client, fileLines(source), plan)) {
      record.lines = outcome.line;
      if (outcome.taskId !== undefined) record.accepted++;
      if (outcome.problem) record.rejected++;
      await tellOutcome(cli, outcome, record.rejected, bar?.log ?? cli.remark);
      bar?.show(record.bytes > 0 ? { done: outcome.bytesRead, total: record.bytes } : undefined, sumText(record));
      if (record.lines % saveEvery === 0) await save();
    }
  } finally {
    bar?.stop();
  }
  const { lines, accepted, rejected } = record;
  await cli.print({ lines, accepted, rejected }, () => sumText(record));
  if (rejected > 0) cli.exitCode = exitCodes.usage;
}

async function tellOutcome(cli: Cli, outcome: LineOutcome, rejected: number, tell: (text: string) => void) {
  const { line, taskId, problem } = outcome;
  if (cli.json) return taskId || problem ? cli.print({ line, taskId, problem }, () => '') : undefined;
  if (problem && rejected <= toldRejections) tell(`line ${line} ${problem.detail} (${problem.code})`);
  if (problem && rejected === toldRejections + 1) tell('More rejected lines are not told; --json tells them all.');
}

function sumText({ accepted, rejected }: ImportRecord): string {
  return `${accepted} accepted${rejected > 0 ? `, ${rejected} rejected` : ''}`;
}
