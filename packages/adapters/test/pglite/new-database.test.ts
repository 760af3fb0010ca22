import { expect, test } from 'vitest';
import { Engine } from '../../src/pglite/engine.ts';
import { newDatabase } from '../../src/pglite/new-database.ts';
import { queryFrame } from '../../src/pglite/wire-message.ts';

test.each([
  ['the build has kept', newDatabase],
  ['PostgreSQL makes, where the build has kept none,', async () => undefined],
])('the new database that %s answers', async (_, template) => {
  const engine = await Engine.start({ dataDir: undefined, template: await template() });
  expect((await engine.execute(queryFrame('select 6 * 7'))).toString('latin1')).toContain('42');
  await engine.close();
});

test('the build has kept one', async () => {
  expect(await newDatabase()).toBeInstanceOf(Blob);
});
