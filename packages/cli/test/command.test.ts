import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';
import { serveApi } from './server.ts';

describe('exit codes', () => {
  it.each([
    [['--help'], 0],
    [['--version'], 0],
    [['help', 'submit'], 0],
    [[], 2],
    [['taks'], 2],
    [['submit'], 2],
    [['submit', 'test.echo', '{'], 2],
    [['submit', 'test.echo', '@nowhere.json'], 2],
    [['submit', 'test.echo', '--delay', 'soon'], 2],
    [['submit', 'test.echo', '--delay', '1s', '--at', '2030-01-01T00:00:00Z'], 2],
    [['submit', 'test.echo', '--priority', 'urgent'], 2],
    [['submit', 'nobody.knows'], 2],
    [['show', 'none'], 2],
    [['tasks', '--state', 'gone'], 2],
    [['tasks', '--limit', '0'], 2],
    [['queues', 'pause', 'none'], 2],
    [['operations', 'cancel'], 2],
    [['operations', 'cancel', '--all'], 2],
    [['import', 'nowhere.ndjson'], 2],
    [['completion', 'tcsh'], 2],
    [['queues', '--url', 'nowhere'], 2],
    [['queues', '--url', 'http://127.0.0.1:9'], 3],
  ])('%j ends with %d', async (args, exitCode) => {
    const { url } = await serveApi();
    const called = await runCli(args, { env: { NAVETTE_URL: url } });
    expect(called).toMatchObject({ exitCode });
    expect(called.stderr === '').toBe(exitCode === 0);
  });

  it('tells a caller that is not let in what to do', async () => {
    const { url } = await serveApi({ apiKeys: [{ name: 'me', secret: 'secret' }] });
    const refused = await runCli(['tasks'], { env: { NAVETTE_URL: url } });
    expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('NAVETTE_API_KEY') });
    expect(await runCli(['tasks'], { env: { NAVETTE_URL: url, NAVETTE_API_KEY: 'secret' } })).toMatchObject({
      exitCode: 0,
    });
  });
});

it('tells programs of errors in JSON', async () => {
  const { url } = await serveApi();
  const { stderr } = await runCli(['submit', 'test.steps', '{"steps":"x"}', '--json', '--url', url]);
  expect(JSON.parse(stderr)).toMatchObject({ error: { status: 422, code: 'invalid_payload', errors: [{}] } });
});

it('tells of wrong usage as of every other error', async () => {
  const usage = "missing required argument 'type'";
  expect(await runCli(['submit'])).toMatchObject({ exitCode: 2, stdout: '', stderr: `navette: ${usage}\n` });
  const { exitCode, stderr } = await runCli(['submit', '--json']);
  expect(exitCode).toBe(2);
  expect(JSON.parse(stderr)).toEqual({ error: { code: 'invalid_usage', detail: usage } });
});

it('helps with every command', async () => {
  const { stdout } = await runCli(['--help']);
  const [, list = ''] = /Commands:\n([\s\S]*?)\n\n/.exec(stdout) ?? [];
  const commands = [...list.matchAll(/^ {2}(\w+)/gm)]
    .map(([, name]) => name as string)
    .filter((name) => name !== 'help');
  expect(commands).toHaveLength(12);
  for (const name of commands) {
    const help = await runCli([name, '--help']);
    expect([name, help.exitCode, help.stderr]).toEqual([name, 0, '']);
    expect(help.stdout, name).toMatch(/Examples?:\n {2}\$ /);
    expect(help.stdout, name).toContain('--json');
  }
});

describe('types and queues', () => {
  it('lists the types, and one with its schema', async () => {
    const { url } = await serveApi();
    const call = (...args: string[]) => runCli(['types', ...args], { env: { NAVETTE_URL: url } });
    expect((await call()).stdout).toMatch(/test\.echo +default +normal +1m +3 +Returns its payload\./);
    expect((await call('--json')).values().map(({ type }) => type)).toContain('test.fail');
    expect((await call('test.steps')).stdout).toContain('"steps"');
    expect(await call('nobody.knows')).toMatchObject({ exitCode: 2 });
  });

  it('lists, pauses and resumes queues', async () => {
    const { url } = await serveApi();
    const call = (...args: string[]) => runCli(['queues', ...args], { env: { NAVETTE_URL: url } });
    expect((await call('pause', 'slow', 'default')).stdout).toBe('slow is paused\ndefault is paused\n');
    expect((await call()).stdout).toMatch(/slow \(paused\) +0 +0/);
    expect((await call('resume', 'slow', '--json')).values()).toEqual([{ name: 'slow', paused: false }]);
    expect((await call('--json')).values()).toMatchObject([
      { name: 'default', paused: true },
      { name: 'slow', paused: false },
    ]);
  });
});

describe('operations', () => {
  it('previews and runs a mass action', async () => {
    const { url, navette } = await serveApi();
    const call = (...args: string[]) => runCli(['operations', ...args], { env: { NAVETTE_URL: url } });
    for (let n = 0; n < 3; n++) await navette.submitRequest({ type: 'test.echo', payload: n });
    await navette.work({ queues: {} }).ready;
    const filter = ['--type', 'test.echo', '--state', 'queued'];
    expect((await call('cancel', ...filter, '--dry-run')).stdout).toContain('3 tasks, among them\n');
    expect((await navette.search({ states: ['queued'] })).items).toHaveLength(3);
    const { stdout, exitCode } = await call('cancel', ...filter, '--yes', '--per-second', '1000');
    expect([stdout, exitCode]).toEqual([expect.stringMatching(/cancel {2}completed {2}3\/3/), 0]);
    expect((await navette.search({ states: ['cancelled'] })).items).toHaveLength(3);
    const [operation] = (await navette.operations.list()).items;
    expect((await call('list')).stdout).toBe(`${operation?.id}  cancel  completed  3/3\n`);
    expect((await call('show', operation?.id ?? '')).stdout).toBe(`${operation?.id}  cancel  completed  3/3\n`);
  });

  it('means everything only with --all, and goes on alone with --detach', async () => {
    const { url, navette } = await serveApi();
    await navette.submitRequest({ type: 'test.echo', payload: 1 });
    const call = (...args: string[]) => runCli(['operations', ...args, '--json'], { env: { NAVETTE_URL: url } });
    const [operation] = (await call('cancel', '--all', '--yes', '--detach')).values();
    expect(operation).toMatchObject({ state: 'running', total: 1, filter: {} });
    expect((await call('stop', operation.id)).values()).toMatchObject([{ state: 'stopped', done: 0 }]);
  });

  it('does not begin without a word where it cannot ask', async () => {
    const { url, navette } = await serveApi();
    await navette.submitRequest({ type: 'test.echo', payload: 1 });
    const called = await runCli(['operations', 'cancel', '--type', 'test.echo'], { env: { NAVETTE_URL: url } });
    expect(called).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('this would cancel 1 tasks') });
  });
});

describe('completions', () => {
  const bash = spawnSync('bash', ['--version']);
  if (bash.error) process.stderr.write('skipped: no bash on this machine, its completions are not tried\n');

  it.skipIf(bash.error).each([
    ['navette ', ['submit', 'tasks', 'operations', '--json']],
    ['navette ta', ['tasks']],
    ['navette submit --pr', ['--priority']],
    ['navette submit demo.echo --priority ', ['critical', 'high', 'normal', 'low', 'bulk']],
    ['navette operations ', ['cancel', 'retry', 'list', 'stop']],
    ['navette operations cancel --st', ['--state']],
    ['navette --json operations cancel --state f', ['failed']],
  ])('bash completes %j', async (line, expected) => {
    const { stdout: script } = await runCli(['completion', 'bash']);
    const words = line.split(' ');
    const probe = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _navette; echo "\${COMPREPLY[@]}"`;
    const { stdout } = await promisify(execFile)('bash', ['-c', `${script}\n${probe}`]);
    expect(stdout.trim().split(' ')).toEqual(expect.arrayContaining(expected));
  });

  it('tells fish about commands, options and their values', async () => {
    const { stdout } = await runCli(['completion', 'fish']);
    expect(stdout).toMatch(/^complete -c navette -n 'not __fish_seen_subcommand_from submit [^']*' -f -a submit -d/m);
    expect(stdout).toMatch(
      /^complete -c navette -n '__fish_seen_subcommand_from submit' -s p -l priority -x -a 'critical/m,
    );
  });
});

const built = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const isBuilt = existsSync(built);
if (!isBuilt) process.stderr.write('skipped: the command is not built, so it is not run as a process\n');

describe.skipIf(!isBuilt)('as a process', () => {
  it('prints, reads a pipe, and tells the shell how it ended', async () => {
    const { url, navette } = await serveApi();
    const env = { ...process.env, NAVETTE_URL: url };
    const piping = promisify(execFile)(process.execPath, [built, 'submit', 'test.echo', '-', '--json'], { env });
    piping.child.stdin?.end('{"from":"a pipe"}');
    const { id } = JSON.parse((await piping).stdout);
    expect(await navette.get(id)).toMatchObject({ payload: { from: 'a pipe' } });
    const failing = promisify(execFile)(process.execPath, [built, 'show', 'none'], { env });
    await expect(failing).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('navette:') });
  });
});
