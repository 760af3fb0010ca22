import { isTerminal, type NavetteClient, type Task, type TaskEvent } from '@navette/client';
import type { Cli } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { createProgressBar, type ProgressBar } from './progress-bar.ts';
import { doneOfTotal, logText, progressText, taskLine } from './task-text.ts';

/**
 * Watches a task to its end: with a live bar on a terminal, a line for each event elsewhere, JSON for programs. Prints
 * the result; the exit code tells whether the task completed.
 */
export async function watchTask(cli: Cli, client: NavetteClient, id: string): Promise<void> {
  const bar = createProgressBar(cli);
  let last: Task | undefined;
  try {
    for await (const event of client.follow(id, { signal: cli.terminal.signal })) {
      if (event.event === 'state') last = event.data;
      const text = eventText(cli, event);
      if (cli.json) await cli.print(event, () => '');
      else if (!bar) cli.remark(text);
      else if (event.event === 'log') bar.log(text);
      else showProgress(bar, event, last);
    }
  } finally {
    bar?.stop();
  }
  const task = last && isTerminal(last.state) ? last : await client.get(id, { signal: cli.terminal.signal });
  // What was told as the last event is not told again.
  const told = cli.json || (!bar && task.state !== 'completed');
  await endWith(cli, task, !told);
}

/** Ends with what became of a task: prints its result, or why there is none, and sets the exit code. */
export async function endWith(cli: Cli, task: Task, tell = true): Promise<void> {
  if (task.state !== 'completed') cli.exitCode = exitCodes.failed;
  if (!tell) return;
  if (cli.json || task.state === 'completed') await cli.print(task, () => JSON.stringify(task.result, null, 2));
  else cli.remark(taskLine(task, cli.paintRemark));
}

function eventText({ paintRemark: paint }: Cli, event: TaskEvent): string {
  if (event.event === 'log') return logText(event.data, paint);
  if (event.event === 'progress') return `progress ${progressText(event.data)}`;
  return taskLine(event.data, paint);
}

function showProgress(bar: ProgressBar, event: TaskEvent, task?: Task): void {
  const progress = event.event === 'progress' ? event.data : task?.progress;
  const note = [task?.type, task?.state, progressText(progress)].filter(Boolean).join(' ');
  bar.show(doneOfTotal(progress), note);
}
