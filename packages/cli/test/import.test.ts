import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { recordPath } from '../src/import/import-record.ts';
import { runCli } from './run-cli.ts';
import { serveApi } from './server.ts';

const line = (payload: unknown) => `${JSON.stringify({ type: 'test.echo', payload })}\n`;
const lines = (count: number) => Array.from({ length: count }, (_nothing, n) => line(n)).join('');

async function ndjson(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'navette-import-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'tasks.ndjson');
  await writeFile(file, text);
  return file;
}

async function payloads(navette: Awaited<ReturnType<typeof serveApi>>['navette']): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let cursor: string | undefined | null; cursor !== null; ) {
    const page: Awaited<ReturnType<typeof navette.search>> = await navette.search({
      limit: 100,
      ...(cursor && { cursor }),
    });
    all.unshift(...page.items.map(({ payload }) => payload).reverse());
    cursor = page.nextCursor;
  }
  return all;
}

it('submits every line, and forgets the file', async () => {
  const { navette, url } = await serveApi();
  const file = await ndjson(`${lines(2)}\n${line('sep\u2028arated')}${line('last').trimEnd()}`);
  const { stdout, exitCode } = await runCli(['import', file, '--url', url]);
  expect([stdout, exitCode]).toEqual(['4 accepted\n', 0]);
  expect(await payloads(navette)).toEqual([0, 1, 'sep\u2028arated', 'last']);
  expect(existsSync(recordPath(file))).toBe(false);
  await runCli(['import', file, '--url', url]);
  expect(await payloads(navette)).toHaveLength(8);
});

it('tells which lines are rejected, and why', async () => {
  const { url } = await serveApi();
  const file = await ndjson(`${line(0)}{oops\n[]\n{"type":"nobody.knows","payload":1}\n${line(1)}oops`);
  const { stdout, stderr, exitCode } = await runCli(['import', file, '--url', url]);
  expect([stdout, exitCode]).toEqual(['2 accepted, 4 rejected\n', 2]);
  expect(stderr).toMatch(/line 2 is not JSON: .*\nline 3 is not a JSON object .*\nline 4 unknown task type/);
  const told = (await runCli(['import', file, '--url', url, '--json'])).values();
  expect(told.map((each) => [each.line, each.problem?.code])).toEqual([
    [1, undefined],
    [2, 'invalid_json'],
    [3, 'invalid_request'],
    [4, 'unknown_task_type'],
    [5, undefined],
    [6, 'invalid_json'],
    [undefined, undefined],
  ]);
  expect(told.at(-1)).toEqual({ lines: 6, accepted: 2, rejected: 4 });
});

describe('an interrupted import', () => {
  /** Imports 2,500 lines and is stopped when the second thousand is under way. */
  async function interrupted() {
    const stop = new AbortController();
    const server = await serveApi({
      breaks: (request, number) => {
        if (number === 2 && request.url.endsWith('/submit-tasks')) stop.abort(new Error('interrupted'));
        return false;
      },
    });
    const file = await ndjson(lines(2_500));
    const first = await runCli(['import', file, '--url', server.url], { signal: stop.signal });
    return { ...server, file, first };
  }

  it('goes on where it ended, and doubles nothing', async () => {
    const { navette, url, file, first } = await interrupted();
    expect(first).toMatchObject({ exitCode: 130, stderr: expect.stringMatching(/Interrupted after line (0|1000):/) });
    const { stdout, stderr, exitCode } = await runCli(['import', file, '--url', url]);
    expect([stdout, exitCode]).toEqual(['2500 accepted\n', 0]);
    if (first.stderr.includes('1000')) expect(stderr).toContain('Goes on after line 1000.');
    expect(new Set(await payloads(navette)).size).toBe(2_500);
    expect(await payloads(navette)).toHaveLength(2_500);
  });

  it('is not mixed up with another file or server', async () => {
    const { url, file } = await interrupted();
    expect(await runCli(['import', file, '--url', `${url}/`])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`went to ${url}`),
    });
    await appendFile(file, line('more'));
    const changed = await runCli(['import', file, '--url', url]);
    expect(changed).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('before the file was changed') });
    const { stdout } = await runCli(['import', file, '--url', url, '--restart']);
    expect(stdout).toBe('2501 accepted\n');
  });
});

it('survives broken connections without a second task', async () => {
  const { navette, url } = await serveApi({ breaks: (_request, number) => number === 1 });
  const { stdout } = await runCli(['import', '-', '--url', url], { stdin: [lines(3), line('é'), ' \n'] });
  expect(stdout).toBe('4 accepted\n');
  expect(await payloads(navette)).toEqual([0, 1, 2, 'é']);
});

it('draws a bar on a terminal', async () => {
  const { url } = await serveApi();
  const file = await ndjson(lines(3));
  const { stderr } = await runCli(['import', file, '--url', url], { tty: true });
  expect(stderr).toContain('100% 3 accepted');
});
