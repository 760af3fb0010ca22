import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Runs a program that has nothing but Navette to keep it alive, to its end. */
async function run(program: string) {
  const opened = `
    import { defineTask } from '@navette/adapters';
    import { memoryNavette } from '@navette/adapters/memory';
    const anything = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
    const task = defineTask({ type: 'late', payload: anything, handler: () => console.log('ran') });
    const navette = memoryNavette({ tasks: [task] });`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', opened + program], {
    cwd: import.meta.dirname,
    timeout: 20_000,
  });
  return stdout.split('\n').filter(Boolean);
}

const later = `{ delayMs: 300 }`;

it('keeps a process alive while it works, and until it stops', async () => {
  const program = `
    navette.work();
    await navette.submit(task, null, ${later});
    setTimeout(() => navette.close().then(() => console.log('closed')), 1_500);`;
  expect(await run(program)).toEqual(['ran', 'closed']);
  expect(await run(program.replace('1_500)', '1_500).unref()'))).toEqual(['ran', 'closed']);
});

it('keeps a process alive while somebody waits for a task, or follows them', async () => {
  const waits = `
    const { id } = await navette.submit(task, null, ${later});
    console.log((await navette.wait(id, { timeoutMs: 500 })).state);`;
  expect(await run(waits)).toEqual(['scheduled']);
  const follows = `
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 500).unref();
    for await (const { kind } of await navette.followAll({}, { signal: stop.signal })) console.log(kind);`;
  expect(await run(follows)).toEqual(['position']);
});
