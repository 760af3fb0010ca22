import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidCatalogueError } from '@navette/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTaskModule } from './index.ts';

const payload = `{ '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }`;
const retry = '{ maxAttempts: 1, backoff: { kind: "fixed", delayMs: 0, maxDelayMs: 0, jitter: 0 } }';
const taskType = (type: string) =>
  `{ type: '${type}', queue: 'own', description: '', payload: ${payload}, retry: ${retry}, timeoutMs: 1000, priority: 'normal', handler: () => 1 }`;

describe('a task module', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'task-module-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const write = (name: string, source: string) => writeFile(join(folder, name), source);

  it('is found from the working directory, or by its full path', async () => {
    await write('own.mjs', `export default [${taskType('own.one')}, ${taskType('own.two')}];`);
    const names = async (path: string, cwd: string) => (await loadTaskModule(path, cwd)).map(({ type }) => type);
    expect(await names('./own.mjs', folder)).toEqual(['own.one', 'own.two']);
    expect(await names(join(folder, 'own.mjs'), '/')).toEqual(['own.one', 'own.two']);
  });

  it.each([
    ['is not there', 'absent.mjs', undefined, 'cannot be found'],
    ['is a folder', '.', undefined, 'is not a file'],
    ['has a syntax error', 'syntax.mjs', 'export default [;', 'does not load: '],
    ['imports what is not there', 'import.mjs', `import './nowhere.mjs';`, 'does not load: '],
    ['throws', 'throws.mjs', `throw new TypeError('no luck');`, 'does not load: TypeError: no luck'],
    ['exports nothing', 'empty.mjs', 'export const tasks = [];', 'has no default export; it must be an array'],
    ['exports something else', 'object.mjs', 'export default { a: 1 };', 'its default export is not an array'],
    ['holds what is no task type', 'null.mjs', 'export default [null];', 'is not an object made by defineTask'],
    ['holds a bad type', 'bad.mjs', `export default [{ type: 'a b' }];`, 'task type "a b": its name must be'],
    [
      'holds two of one name',
      'two.mjs',
      `export default [${taskType('a')}, ${taskType('a')}];`,
      'two task types are named a',
    ],
  ])('that %s is refused by name', async (_what, name, source, message) => {
    if (source !== undefined) await write(name, source);
    const error = await loadTaskModule(name, folder).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(InvalidCatalogueError);
    expect((error as Error).message).toContain(`task module ${join(folder, name)}: `);
    expect((error as Error).message).toContain(message);
  });
});
