import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CallOptions, runCli } from './run-cli.ts';
import { serveApi } from './server.ts';

const noSuchTask = '0193e6a0-0000-7000-8000-000000000000';

async function open() {
  const { navette, url } = await serveApi();
  const call = (args: readonly string[], options?: CallOptions) => runCli([...args, '--url', url], options);
  return { navette, url, call };
}

describe('submit', () => {
  it('submits with all its options', async () => {
    const { call } = await open();
    const options = '--priority high --delay 5m --expires 1h --timeout 30s --max-attempts 4 --backoff fixed';
    const more = '--backoff-delay 2s --backoff-max 1m --backoff-jitter 0.5 --tag a --tag b --key order-42 --json';
    const { exitCode, values } = await call(['submit', 'test.echo', '{"a":1}', ...`${options} ${more}`.split(' ')]);
    expect(exitCode).toBe(0);
    expect(values()).toMatchObject([
      { type: 'test.echo', state: 'scheduled', payload: { a: 1 }, priority: 'high', maxAttempts: 4, tags: ['a', 'b'] },
    ]);
  });

  it('takes the payload from a file, from the standard input, or does without', async () => {
    const { call } = await open();
    const folder = await mkdtemp(join(tmpdir(), 'navette-cli-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'payload.json'), '{"from": "a file"}');
    const fromFile = await call(['submit', 'test.echo', `@${join(folder, 'payload.json')}`, '--json']);
    expect(fromFile.values()[0].payload).toEqual({ from: 'a file' });
    const piped = await call(['submit', 'test.echo', '-', '--json'], { stdin: ['{"from":', '"a pipe"}'] });
    expect(piped.values()[0].payload).toEqual({ from: 'a pipe' });
    expect((await call(['submit', 'test.echo', '--json'])).values()[0].payload).toEqual({});
  });

  it('prints the id alone where a script wants it', async () => {
    const { call, navette } = await open();
    const { stdout } = await call(['submit', 'test.echo', '1', '--quiet']);
    expect((await navette.get(stdout.trim())).payload).toBe(1);
  });

  it('waits for the result', async () => {
    const { call, navette } = await open();
    navette.work();
    const { stdout, exitCode } = await call(['submit', 'test.steps', '{"steps":2}', '--wait']);
    expect([JSON.parse(stdout), exitCode]).toEqual([{ steps: 2 }, 0]);
    const failed = await call(['submit', 'test.fail', '--wait', '10s']);
    expect([failed.stdout, failed.exitCode]).toEqual(['', 1]);
    expect(failed.stderr).toContain('no_luck: no luck today');
  });

  it('tells when the time is up', async () => {
    const { call } = await open();
    const { stderr, exitCode } = await call(['submit', 'test.echo', '--wait', '10ms']);
    expect([stderr, exitCode]).toEqual([
      expect.stringMatching(/queued[\s\S]*The time is up.*navette watch [0-9a-f-]{36}/),
      1,
    ]);
  });
});

describe('watch', () => {
  it('tells each event, then the result', async () => {
    const { call, navette } = await open();
    const { task } = await navette.submitRequest({ type: 'test.steps', payload: { steps: 3 } });
    const watching = call(['watch', task.id]);
    navette.work();
    const { stdout, stderr, exitCode } = await watching;
    expect([JSON.parse(stdout), exitCode]).toEqual([{ steps: 3 }, 0]);
    expect(stderr).toContain('completed');
  });

  it('draws a bar on a terminal, and leaves nothing of it', async () => {
    const { call, navette } = await open();
    navette.work();
    const { task } = await navette.submitRequest({ type: 'test.steps', payload: { steps: 3 } });
    await navette.wait(task.id);
    const { stdout, stderr, exitCode } = await call(['watch', task.id], { tty: true });
    expect(stderr).toContain('█ 100% test.steps completed 3/3');
    expect([JSON.parse(stdout), exitCode]).toEqual([{ steps: 3 }, 0]);
  });

  it('gives programs the events', async () => {
    const { call, navette } = await open();
    navette.work();
    const { task } = await navette.submitRequest({ type: 'test.fail', payload: 1 });
    const { values, exitCode } = await call(['watch', task.id, '--json']);
    expect(values().at(-1)).toMatchObject({ event: 'state', data: { id: task.id, state: 'failed' } });
    expect(exitCode).toBe(1);
  });

  it('leaves the task running when it is stopped', async () => {
    const { call, navette } = await open();
    const { task } = await navette.submitRequest({ type: 'test.echo', payload: 1 });
    const stop = new AbortController();
    const watching = call(['watch', task.id], { signal: stop.signal });
    stop.abort(new Error('interrupted'));
    expect((await watching).exitCode).toBe(130);
    expect(await navette.get(task.id)).toMatchObject({ state: 'queued' });
  });
});

describe('tasks', () => {
  it('finds tasks by filters, as a table or as JSON', async () => {
    const { call, navette } = await open();
    for (let n = 0; n < 3; n++) await navette.submitRequest({ type: 'test.echo', payload: n, tags: ['customer:42'] });
    await navette.submitRequest({ type: 'test.fail', payload: 1, delayMs: 60_000 });
    const { stdout } = await call(['tasks']);
    expect(stdout.split('\n')[0]).toMatch(/^ID +TYPE +STATE +PRIORITY +ATTEMPT +AGE/);
    expect(stdout.match(/test\.echo +queued/g)).toHaveLength(3);
    expect(stdout.match(/test\.fail +scheduled/g)).toHaveLength(1);
    const filters = '--state queued,running --type test.echo --queue default --tag customer:42 --submitted-after 1h';
    const found = await call(['tasks', ...filters.split(' '), '--include', 'payload', '--json', '-n', '2']);
    expect(found.values().map(({ payload }) => payload)).toEqual([2, 1]);
    const none = await call(['tasks', '--finished-before', '2020-01-01T00:00:00Z', '--error-code', 'timed_out']);
    expect([none.stdout, none.stderr]).toEqual(['', 'No tasks.\n']);
  });

  it('reads all pages', async () => {
    const { call, navette } = await open();
    for (let n = 0; n < 101; n++) await navette.submitRequest({ type: 'test.echo', payload: n });
    expect((await call(['tasks', '--all', '--json'])).values()).toHaveLength(101);
    const some = await call(['tasks']);
    expect(some.stdout.match(/test\.echo/g)).toHaveLength(20);
    expect(some.stderr).toContain('--all');
  });

  it('has colours on a terminal only, and none if they are not wanted', async () => {
    const { call, navette } = await open();
    await navette.submitRequest({ type: 'test.echo', payload: 1 });
    const colour = '\u001b[';
    expect((await call(['tasks'], { tty: true })).stdout).toContain(colour);
    expect((await call(['tasks'])).stdout).not.toContain(colour);
    expect((await call(['tasks'], { tty: true, env: { NO_COLOR: '1' } })).stdout).not.toContain(colour);
    expect((await call(['tasks', '--json'], { tty: true })).stdout).not.toContain(colour);
  });
});

it('shows a task with its attempts and its log', async () => {
  const { call, navette } = await open();
  navette.work({ name: 'host-7:42' });
  const { task } = await navette.submitRequest({ type: 'test.steps', payload: { steps: 2 }, tags: ['customer:42'] });
  await navette.wait(task.id);
  const { stdout } = await call(['show', task.id]);
  for (const part of [task.id, 'customer:42', '{"steps":2}', 'ATTEMPT (max 3)', 'host-7:42', '#1 step 2']) {
    expect(stdout).toContain(part);
  }
  const [shown] = (await call(['show', task.id, '--json'])).values();
  expect(shown).toMatchObject({ attempts: [{ outcome: 'completed' }], logs: [{ message: 'step 1' }, {}] });
  expect((await call(['show', task.id, '--no-logs'])).stdout).not.toContain('step 2');
});

describe('cancel, retry and promote', () => {
  it('change tasks', async () => {
    const { call, navette } = await open();
    const { task } = await navette.submitRequest({ type: 'test.echo', payload: 1, delayMs: 60_000 });
    expect((await call(['promote', task.id])).stdout).toContain('queued');
    expect((await call(['cancel', task.id])).stdout).toContain('cancelled');
    expect((await call(['retry', task.id, '--json'])).values()).toMatchObject([{ id: task.id, state: 'queued' }]);
  });

  it('go on to the next one where one cannot be changed', async () => {
    const { call, navette } = await open();
    const { task } = await navette.submitRequest({ type: 'test.echo', payload: 1 });
    const { stdout, stderr, exitCode } = await call(['cancel', noSuchTask, task.id]);
    expect([stdout, stderr]).toEqual([expect.stringContaining('cancelled'), expect.stringContaining(noSuchTask)]);
    expect(exitCode).toBe(2);
  });
});
